import { Alert, Link as MuiLink } from '@mui/material';
import { useCreatePath } from 'react-admin';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';

import { Time } from '../shared/Time';
import type { JobWithRuns, Run } from './job';

interface Props {
  job: JobWithRuns;
  run: Run | undefined;
  /** The page of the quarantine itself, which needs no link to it. */
  inQuarantine?: boolean;
}

/** What is the matter with a job, and what to do about it. */
export function Outlook({ job, run, inQuarantine }: Props) {
  switch (job.status) {
    case 'FAILED':
      return (
        <Told severity="error" text={job.reason} otherwise="The run failed.">
          Redrive goes on where it stopped, retry begins from the start.
        </Told>
      );
    case 'QUARANTINED':
      return <Quarantined job={job} run={run} inQuarantine={inQuarantine} />;
    case 'CANCELLED':
      return <Cancelled run={run} />;
    case 'DUPLICATE':
      return <Duplicate job={job} />;
    case 'RECEIVED':
      return job.waiting_for ? (
        <Alert severity="info">It waits for: {job.waiting_for}. It begins by itself then.</Alert>
      ) : null;
    case 'RUNNING':
      return run?.trouble ? <Alert severity="warning">{run.trouble}</Alert> : null;
    case 'SUCCEEDED':
      return null;
  }
}

/** The API's reasons end with what to do. */
function Told(props: {
  severity: 'error' | 'warning';
  text: string | null;
  otherwise: string;
  children?: ReactNode;
}) {
  const [what = '', todo] = (props.text ?? props.otherwise).split(/ (?=To do: )/);
  return (
    <Alert severity={props.severity}>
      {what}
      {todo && <div>{todo}</div>}
      {props.children && <div>{props.children}</div>}
    </Alert>
  );
}

function Quarantined({ job, run, inQuarantine }: Props) {
  const createPath = useCreatePath();
  if (job.rejected_at) {
    const decision = run?.decision;
    return (
      <Alert severity="error">
        Refused for good on <Time at={job.rejected_at} />
        {decision && ` by ${decision.requested_by}`}
        {decision?.comment && `: ${decision.comment}`}. Have the partner send the file again.
      </Alert>
    );
  }
  return (
    <Told severity="warning" text={job.reason} otherwise="The file is in quarantine.">
      {!inQuarantine && (
        <MuiLink
          underline="always"
          component={Link}
          to={createPath({ resource: 'quarantine', type: 'show', id: job.job_id })}
        >
          See what is wrong with the file, release or reject it
        </MuiLink>
      )}
    </Told>
  );
}

function Cancelled({ run }: { run: Run | undefined }) {
  const decision = run?.decision;
  return (
    <Alert severity="info">
      Cancelled
      {decision && (
        <>
          {' '}
          by {decision.requested_by} on <Time at={decision.at} />
          {decision.comment && `: ${decision.comment}`}
        </>
      )}
      . Retry begins from the start, redrive goes on where it stopped.
    </Alert>
  );
}

function Duplicate({ job }: { job: JobWithRuns }) {
  const createPath = useCreatePath();
  return (
    <Alert severity="info">
      {job.reason ?? 'The same content came before.'}{' '}
      {job.first_job && (
        <MuiLink
          underline="always"
          component={Link}
          to={createPath({ resource: 'jobs', type: 'show', id: job.first_job })}
        >
          The job that took it first
        </MuiLink>
      )}
    </Alert>
  );
}
