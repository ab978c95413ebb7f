import { Box, Link, Typography } from '@mui/material';
import { useCreatePath } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';

import { JOB_STATUSES, JobStatusChip } from '../shared/JobStatusChip';
import { countText, type Statistics } from './figures';
import { Panel } from './Panel';

/** How many jobs ended in which status, each with the way to them. */
export function Statuses({ jobs, route }: { jobs: Statistics['jobs']; route: string }) {
  const path = useCreatePath();
  const ended = JOB_STATUSES.filter((status) => status !== 'RECEIVED' && status !== 'RUNNING');
  const all = Math.max(1, ...ended.map((status) => jobs[status] ?? 0));
  return (
    <Panel title="By status">
      <Box component="ul" sx={{ listStyle: 'none', p: 0, m: 0, display: 'grid', gap: 1 }}>
        {ended.map((status) => {
          const filter = JSON.stringify({ status, ...(route && { route }) });
          const query = new URLSearchParams({ filter });
          const count = jobs[status] ?? 0;
          return (
            <Box
              component="li"
              key={status}
              sx={{ display: 'grid', gridTemplateColumns: '9rem 1fr 4rem', alignItems: 'center', gap: 1 }}
            >
              <Link
                component={RouterLink}
                underline="none"
                to={{ pathname: path({ resource: 'jobs', type: 'list' }), search: query.toString() }}
              >
                <JobStatusChip status={status} />
              </Link>
              <Box
                aria-hidden
                sx={{ height: 8, borderRadius: 1, bgcolor: 'action.selected', width: share(count, all) }}
              />
              <Typography variant="body2" sx={{ textAlign: 'right', fontVariantNumeric: 'tabular-nums' }}>
                {countText(count)}
              </Typography>
            </Box>
          );
        })}
      </Box>
    </Panel>
  );
}

function share(count: number, all: number): string {
  return `${String((100 * count) / all)}%`;
}
