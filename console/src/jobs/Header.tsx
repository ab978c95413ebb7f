import { Link as MuiLink, Stack, Typography } from '@mui/material';
import { useCreatePath } from 'react-admin';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';

import { Bytes } from '../shared/Bytes';
import { Duration } from '../shared/Duration';
import { between } from '../shared/formats';
import { JobStatusChip } from '../shared/JobStatusChip';
import { Time } from '../shared/Time';
import { Actions } from './Actions';
import { Facts } from './Facts';
import { EXECUTOR_NAMES, isOver, pathOfFile, routeOf, type JobRecord, type Run } from './job';
import { Outlook } from './Outlook';

interface Props {
  job: JobRecord;
  run: Run | undefined;
  /** Beside the actions. */
  more?: ReactNode;
  inQuarantine?: boolean;
}

/** What a job is, how it stands, and what can be done. */
export function Header({ job, run, more, inQuarantine }: Props) {
  return (
    <Stack spacing={2}>
      <Stack direction="row" useFlexGap sx={{ gap: 1.5, alignItems: 'center', flexWrap: 'wrap' }}>
        <Typography variant="h5" component="h1" sx={{ overflowWrap: 'anywhere', minWidth: 0 }}>
          {job.filename}
        </Typography>
        <span aria-live="polite">
          <JobStatusChip
            size="medium"
            status={job.status}
            rejected={Boolean(job.rejected_at)}
            waitingFor={job.waiting_for}
          />
        </span>
        {!isOver(job.status) && (
          <Typography variant="body2" color="text.secondary">
            live
          </Typography>
        )}
      </Stack>
      <Outlook job={job} run={run} inQuarantine={inQuarantine} />
      <Stack direction="row" useFlexGap sx={{ gap: 1, flexWrap: 'wrap' }}>
        <Actions job={job} />
        {more}
      </Stack>
      <Facts facts={factsOf(job, <RouteLink job={job} />)} />
    </Stack>
  );
}

function factsOf(job: JobRecord, route: ReactNode) {
  return [
    ['Route', route],
    ['Sent by', job.user],
    ['Path', pathOfFile(job)],
    ['Size', <Bytes key="size" size={job.object.size} />],
    ['Received', <Time key="received" at={job.created_at} />],
    ['Ended', <Time key="ended" at={job.ended_at} />],
    ['In all', <Duration key="took" milliseconds={between(job.created_at, job.ended_at)} />],
    ['Run by', job.executor_reason ? EXECUTOR_NAMES[job.executor] : '–'],
    ['Job', <JobId key="id" id={job.job_id} />],
  ] as const;
}

function JobId({ id }: { id: string }) {
  return <code style={{ fontSize: 12.5 }}>{id}</code>;
}

function RouteLink({ job }: { job: JobRecord }) {
  const createPath = useCreatePath();
  const route = routeOf(job);
  if (!route) return <>none</>;
  return (
    <>
      <MuiLink
        underline="always"
        component={Link}
        to={createPath({ resource: 'routes', type: 'edit', id: route })}
      >
        {route}
      </MuiLink>{' '}
      revision {job.revision}
    </>
  );
}
