import { Box, Chip, Link, Typography } from '@mui/material';
import { useCreatePath } from 'react-admin';
import { Link as RouterLink } from 'react-router-dom';

import type { components } from '../api/schema';
import { Time } from '../shared/Time';
import { Panel } from './Panel';

type Window = components['schemas']['Window'];

/** Files that were expected and did not come in time, the latest first. */
export function MissedWindows({ windows }: { windows: readonly Window[] }) {
  const path = useCreatePath();
  if (windows.length === 0) return null;
  return (
    <Panel title="Expectations missed">
      <Box component="ul" sx={{ listStyle: 'none', p: 0, m: 0, display: 'grid', gap: 1 }}>
        {windows.slice(0, 8).map((window) => (
          <Box
            component="li"
            key={`${window.expectation} ${window.deadline}`}
            sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}
          >
            <Link
              component={RouterLink}
              to={path({ resource: 'expectations', type: 'show', id: window.expectation })}
            >
              {window.expectation}
            </Link>
            <Chip
              size="small"
              variant="outlined"
              color={window.status === 'LATE' ? 'warning' : 'error'}
              label={window.status === 'LATE' ? 'Late' : 'Missing'}
            />
            <Typography variant="body2" color="text.secondary" sx={{ ml: 'auto' }}>
              {`${String(window.count)} of ${String(window.min_count)} by `}
              <Time at={window.deadline} />
            </Typography>
          </Box>
        ))}
      </Box>
    </Panel>
  );
}
