import { Box, Card, CardContent, Typography } from '@mui/material';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  about?: string;
  action?: ReactNode;
  children: ReactNode;
}

/** A part of a form or of a page, in a card of its own; a link can lead to it. */
export function Section({ title, about, action, children }: Props) {
  const id = title.toLowerCase().replaceAll(' ', '-');
  return (
    <Card component="section" variant="outlined" aria-labelledby={id} sx={{ mb: 2 }}>
      <CardContent>
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, flexWrap: 'wrap', mb: about ? 0 : 1 }}>
          <Typography variant="h6" component="h2" id={id} sx={{ flexGrow: 1 }}>
            {title}
          </Typography>
          {action}
        </Box>
        {about && (
          <Typography variant="body2" color="text.secondary" sx={{ mb: 1 }}>
            {about}
          </Typography>
        )}
        {children}
      </CardContent>
    </Card>
  );
}

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
