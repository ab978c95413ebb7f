import {
  Button,
  Link as MuiLink,
  Skeleton,
  Stack,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableHead,
  TableRow,
} from '@mui/material';
import { useState } from 'react';
import { useCreatePath } from 'react-admin';
import { Link } from 'react-router-dom';

import { JobStatusChip } from '../shared/JobStatusChip';
import { Problem } from '../shared/Problem';
import { StatusChip, type Tone } from '../shared/StatusChip';
import { useLive } from '../shared/useLive';
import { moves, type Bulk, type BulkJob } from './bulk';

/** The jobs of a plan, page by page. */
export function BulkJobs({ bulk }: { bulk: Bulk }) {
  // The cursors that lead to the pages up to this one.
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors[cursors.length - 1];
  const { data, error, refetch } = useLive<{ items: BulkJob[]; cursor: string | null }>(
    'listBulkActionJobs',
    { path: { bulk: bulk.id }, query: { limit: 50, cursor } },
    { every: moves(bulk.status) ? 2_500 : 15_000 },
  );
  if (error && !data)
    return <Problem error={error} title="The jobs cannot be shown" again={() => void refetch()} />;
  if (!data) return <Skeleton variant="rounded" height={200} />;
  const { cursor: next } = data;
  return (
    <>
      <TableContainer>
        <Table size="small" aria-label="Jobs of the plan">
          <TableHead>
            <TableRow>
              <TableCell>File</TableCell>
              <TableCell>Route</TableCell>
              <TableCell>Status then</TableCell>
              <TableCell>Outcome</TableCell>
              <TableCell>Plan</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {data.items.map((job) => (
              <Row key={job.position} job={job} />
            ))}
          </TableBody>
        </Table>
      </TableContainer>
      <Stack direction="row" spacing={1} sx={{ mt: 1, justifyContent: 'flex-end' }}>
        <Button
          size="small"
          disabled={cursors.length === 0}
          onClick={() => {
            setCursors(cursors.slice(0, -1));
          }}
        >
          Previous page
        </Button>
        <Button
          size="small"
          disabled={next === null}
          onClick={() => {
            if (next !== null) setCursors([...cursors, next]);
          }}
        >
          Next page
        </Button>
      </Stack>
    </>
  );
}

const OUTCOMES: Record<NonNullable<BulkJob['outcome']>, { label: string; tone: Tone }> = {
  DONE: { label: 'Done', tone: 'good' },
  FAILED: { label: 'Failed', tone: 'bad' },
  SKIPPED: { label: 'Skipped', tone: 'neutral' },
};

function Row({ job }: { job: BulkJob }) {
  const createPath = useCreatePath();
  const planned = job.possible
    ? ({ label: 'Possible', tone: 'info' } as const)
    : ({ label: 'Not possible', tone: 'neutral' } as const);
  return (
    <TableRow sx={{ verticalAlign: 'top' }}>
      <TableCell sx={{ overflowWrap: 'anywhere' }}>
        <MuiLink component={Link} to={createPath({ resource: 'jobs', type: 'show', id: job.job_id })}>
          {job.filename}
        </MuiLink>
      </TableCell>
      <TableCell>{job.route}</TableCell>
      <TableCell>
        <JobStatusChip status={job.status} />
      </TableCell>
      <TableCell>
        <StatusChip {...(job.outcome ? OUTCOMES[job.outcome] : planned)} />
      </TableCell>
      <TableCell sx={{ minWidth: 220 }}>{job.detail ?? job.plan}</TableCell>
    </TableRow>
  );
}
