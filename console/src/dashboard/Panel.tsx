import { Box, Card, Typography } from '@mui/material';
import { useId, type ReactNode } from 'react';

interface Props {
  title: string;
  /** Where there is more of it. */
  more?: ReactNode;
  children: ReactNode;
}

/** A titled part of the page. */
export function Panel({ title, more, children }: Props) {
  const id = useId();
  return (
    <Card variant="outlined" component="section" aria-labelledby={id} sx={{ p: 2, minWidth: 0 }}>
      <Box sx={{ display: 'flex', alignItems: 'baseline', gap: 1, mb: 1 }}>
        <Typography id={id} component="h2" variant="subtitle1" sx={{ fontWeight: 600, flex: 1 }}>
          {title}
        </Typography>
        {more}
      </Box>
      {children}
    </Card>
  );
}
