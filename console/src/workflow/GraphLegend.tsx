import { Box, useTheme } from '@mui/material';

import type { EdgeKind, Graph } from './graph';
import { DASHES, strokeOf } from './LineEdge';

const NAMES: Record<EdgeKind, string> = {
  next: 'Next',
  choice: 'Choice',
  default: 'Otherwise',
  catch: 'Catch',
  retry: 'Retry',
};

/** What the lines mean; only of kinds that the graph has. */
export function GraphLegend({ graph }: { graph: Graph }) {
  const theme = useTheme();
  const kinds = (Object.keys(NAMES) as EdgeKind[]).filter((kind) =>
    graph.edges.some((edge) => edge.kind === kind),
  );
  return (
    <Box
      component="ul"
      aria-label="What the lines mean"
      sx={{
        position: 'absolute',
        left: 8,
        top: 8,
        m: 0,
        px: 1,
        py: 0.5,
        display: 'flex',
        flexDirection: 'column',
        listStyle: 'none',
        fontSize: 12,
        bgcolor: 'background.paper',
        border: 1,
        borderColor: 'divider',
        borderRadius: 1,
        pointerEvents: 'none',
      }}
    >
      {kinds.map((kind) => (
        <Box component="li" key={kind} sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
          <svg width="28" height="8" aria-hidden="true">
            <path
              d="M 0,4 L 28,4"
              stroke={strokeOf(kind, theme)}
              strokeWidth="2"
              strokeDasharray={DASHES[kind]}
            />
          </svg>
          {NAMES[kind]}
        </Box>
      ))}
    </Box>
  );
}
