import { Box } from '@mui/material';
import type { ReactNode } from 'react';

/** Fields beside each other where there is room. */
export function Columns({ min = 200, children }: { min?: number; children: ReactNode }) {
  return (
    <Box
      sx={{
        display: 'grid',
        columnGap: 2,
        gridTemplateColumns: `repeat(auto-fill, minmax(min(100%, ${String(min)}px), 1fr))`,
        alignItems: 'start',
      }}
    >
      {children}
    </Box>
  );
}
