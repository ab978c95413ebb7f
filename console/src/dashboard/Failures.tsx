import { Box, Link, Typography } from '@mui/material';
import { useCreatePath } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';

import type { components } from '../api/schema';
import { JobStatusChip } from '../shared/JobStatusChip';
import { Time } from '../shared/Time';
import { Panel } from './Panel';

export type Job = components['schemas']['JobAnswer'];

/** The latest jobs that did not get through, each one click away. */
export function Failures({ jobs }: { jobs: readonly Job[] }) {
  const path = useCreatePath();
  return (
    <Panel title="Recent failures">
      {jobs.length === 0 && (
        <Typography color="text.secondary">No file failed or was quarantined in this time.</Typography>
      )}
      <Box component="ul" sx={{ listStyle: 'none', p: 0, m: 0 }}>
        {jobs.map((job) => (
          <Box
            component="li"
            key={job.job_id}
            sx={{ py: 1, borderTop: 1, borderColor: 'divider', '&:first-of-type': { borderTop: 0, pt: 0 } }}
          >
            <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
              <Link
                component={RouterLink}
                to={path({ resource: 'jobs', type: 'show', id: job.job_id })}
                sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}
              >
                {job.filename}
              </Link>
              <JobStatusChip status={job.status} rejected={job.rejected_at !== null} />
              <Typography variant="body2" color="text.secondary" sx={{ ml: 'auto' }}>
                <Time at={job.ended_at ?? job.updated_at} />
              </Typography>
            </Box>
            <Typography variant="body2" color="text.secondary" sx={REASON}>
              {job.reason ?? (job.route === 'none' ? 'No route takes it.' : `Route ${job.route}`)}
            </Typography>
          </Box>
        ))}
      </Box>
    </Panel>
  );
}

/** Two lines of a reason say enough to choose the job by; the job has all of it. */
const REASON = {
  display: '-webkit-box',
  WebkitLineClamp: 2,
  WebkitBoxOrient: 'vertical',
  overflow: 'hidden',
  overflowWrap: 'anywhere',
} as const;
