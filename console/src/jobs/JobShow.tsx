import { Box, Skeleton, Stack, Tab, Tabs } from '@mui/material';
import { Title, useGetOne } from 'react-admin';
import { useParams, useSearchParams } from 'react-router-dom';

import { Json } from '../shared/Json';
import { jobStatusName } from '../shared/JobStatusChip';
import { Problem } from '../shared/Problem';
import { Section } from '../shared/Section';
import { Header } from './Header';
import { isOver, type JobRecord } from './job';
import { RunView } from './RunView';
import { WhyExecutor, WhyRoute } from './Why';

const OFTEN = 2_000;
const SELDOM = 15_000;

/** One job; live while it runs. */
export default function JobShow() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useGetOne<JobRecord>(
    'jobs',
    { id },
    { refetchInterval: ({ state }) => (isOver(state.data?.status ?? 'RUNNING') ? SELDOM : OFTEN) },
  );
  // The list's record of the job, which is shown at once, has no runs.
  const isWhole = data?.runs !== undefined;
  if (error && !isWhole)
    return <Problem error={error} title="The job cannot be shown" again={() => void refetch()} />;
  if (!isWhole) return <Skeleton variant="rounded" height={400} sx={{ mt: 2 }} />;
  return <JobPage job={data} />;
}

function JobPage({ job }: { job: JobRecord }) {
  const [query, setQuery] = useSearchParams();
  const latest = job.runs[job.runs.length - 1];
  const number = Number(query.get('run') ?? latest?.run);
  const run = job.runs.find((one) => one.run === number) ?? latest;
  return (
    <Stack spacing={2} sx={{ py: 2, minWidth: 0 }}>
      <Title title={`${job.filename}: ${jobStatusName(job.status)}`} />
      <Header job={job} run={latest} />
      {job.runs.length > 1 && run && (
        <Tabs
          value={run.run}
          variant="scrollable"
          aria-label="Runs of the job"
          onChange={(_, chosen: number) => {
            setQuery({ run: String(chosen) }, { replace: true });
          }}
        >
          {job.runs.map((one) => (
            <Tab
              key={one.run}
              value={one.run}
              label={`Run ${String(one.run)} · ${one.action ?? 'received'} · ${jobStatusName(one.status)}`}
              sx={{ textTransform: 'none' }}
            />
          ))}
        </Tabs>
      )}
      {run && <RunView key={run.run} job={job} run={run} />}
      <Box
        sx={{
          display: 'grid',
          gap: 2,
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'repeat(2, minmax(0, 1fr))' },
        }}
      >
        <Section title="Why this route">
          <WhyRoute job={job} />
        </Section>
        {job.executor_reason && (
          <Section title={`Why ${job.executor === 'worker' ? 'the worker' : 'Step Functions'}`}>
            <WhyExecutor job={job} />
          </Section>
        )}
      </Box>
      <Box component="details">
        <summary>As the API answers it</summary>
        <Json value={job} label="The job as JSON" />
      </Box>
    </Stack>
  );
}
