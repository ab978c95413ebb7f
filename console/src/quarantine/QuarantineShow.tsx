import { Button, Skeleton, Stack } from '@mui/material';
import { Title, useCreatePath, useGetOne } from 'react-admin';
import { Link, useParams } from 'react-router-dom';

import { Downloads } from '../jobs/Downloads';
import { Header } from '../jobs/Header';
import type { JobRecord } from '../jobs/job';
import { WhyRoute } from '../jobs/Why';
import { Problem } from '../shared/Problem';
import { Section } from '../shared/Section';
import { FileLines } from './FileLines';
import { Violations } from './Violations';
import { violationsOf } from './violations';

/** One file in quarantine: what is wrong with it, and the decision. */
export default function QuarantineShow() {
  const { id = '' } = useParams();
  const { data, error, refetch } = useGetOne<JobRecord>('jobs', { id }, { refetchInterval: 5_000 });
  const isWhole = data?.runs !== undefined;
  if (error && !isWhole) {
    return <Problem error={error} title="The file cannot be shown" again={() => void refetch()} />;
  }
  if (!isWhole) return <Skeleton variant="rounded" height={400} sx={{ mt: 2 }} />;
  return <QuarantinePage job={data} />;
}

function QuarantinePage({ job }: { job: JobRecord }) {
  const createPath = useCreatePath();
  const run = [...job.runs].reverse().find(({ status }) => status === 'QUARANTINED');
  const { violations, total } = violationsOf(run);
  return (
    <Stack spacing={2} sx={{ py: 2, minWidth: 0 }}>
      <Title title={`Quarantine: ${job.filename}`} />
      <Header
        job={job}
        run={run}
        inQuarantine
        more={
          <Button
            size="small"
            component={Link}
            to={createPath({ resource: 'jobs', type: 'show', id: job.id })}
          >
            The whole job
          </Button>
        }
      />
      {job.revision === 0 ? (
        <Section title="No route takes the file">
          <WhyRoute job={job} />
        </Section>
      ) : (
        <Section
          title={total > 0 ? `What is wrong with the file (${String(total)})` : 'What is wrong with the file'}
        >
          <Stack spacing={2}>
            <FileLines job={job} violations={violations} />
            <Violations violations={violations} total={total} />
          </Stack>
        </Section>
      )}
      {run && (
        <Section title="Download">
          <Downloads job={job} run={run} />
        </Section>
      )}
    </Stack>
  );
}
