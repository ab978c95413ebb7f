import OpenInNew from '@mui/icons-material/OpenInNew';
import { Box, Button, Stack, Typography } from '@mui/material';

import { useConfig } from '../layout/ConfigContext';
import { Section } from '../shared/Section';
import { Time } from '../shared/Time';
import { awsLinks } from './awsLinks';
import { Checksums } from './Checksums';
import { Destinations } from './Destinations';
import { Downloads } from './Downloads';
import type { JobRecord, Run } from './job';
import { JobWorkflow } from './JobWorkflow';
import { Timeline } from './Timeline';

/** Everything about one run of a job. */
export function RunView({ job, run }: { job: JobRecord; run: Run }) {
  return (
    <Stack spacing={2}>
      <Begun run={run} />
      <Section title="Steps">
        <Timeline run={run} />
      </Section>
      <Section title="Workflow" action={<AwsLinks job={job} run={run} />}>
        <JobWorkflow job={job} run={run} />
      </Section>
      <Section title="Destinations">
        <Destinations run={run} />
      </Section>
      <Box
        sx={{
          display: 'grid',
          gap: 2,
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'minmax(0, 3fr) minmax(0, 1fr)' },
        }}
      >
        <Section title="Checksums">
          <Checksums job={job} run={run} />
        </Section>
        <Section title="Download">
          <Downloads job={job} run={run} />
        </Section>
      </Box>
    </Stack>
  );
}

/** Who has asked for the run, and why. */
function Begun({ run }: { run: Run }) {
  const { action, requested_by: by, comment, accepted } = run;
  if (!action && !accepted) return null;
  return (
    <Typography variant="body2">
      {action && `${action.charAt(0).toUpperCase()}${action.slice(1)}`}
      {by && ` by ${by}`}
      {comment && `: “${comment}”`}
      {run.source && ' It begins from the copy that was kept.'}
      {accepted && (
        <>
          {' '}
          {accepted.requested_by} has accepted the violations on <Time at={accepted.at} />.
        </>
      )}
    </Typography>
  );
}

function AwsLinks({ job, run }: { job: JobRecord; run: Run }) {
  return awsLinks(useConfig(), job.job_id, run).map(({ name, href }) => (
    <Button key={name} size="small" href={href} target="_blank" rel="noreferrer" endIcon={<OpenInNew />}>
      {name}
    </Button>
  ));
}
