import { Card, CardContent, Stack, Typography } from '@mui/material';
import { useId, type ReactNode } from 'react';

interface Props {
  title: string;
  /** Below the title, in a sentence. */
  about?: string;
  children: ReactNode;
  /** Beside the title. */
  action?: ReactNode;
}

/** A part of a page under its own heading. */
export function Section({ title, about, children, action }: Props) {
  const id = useId();
  return (
    <Card component="section" aria-labelledby={id} variant="outlined" sx={{ minWidth: 0 }}>
      <CardContent sx={{ '&:last-child': { pb: 2 } }}>
        <Stack direction="row" sx={{ mb: about ? 0.5 : 1.5, alignItems: 'center', gap: 1, flexWrap: 'wrap' }}>
          <Typography id={id} variant="h6" component="h2" sx={{ flex: 1, fontSize: 17 }}>
            {title}
          </Typography>
          {action}
        </Stack>
        {about && (
          <Typography variant="body2" color="text.secondary" sx={{ mb: 1.5 }}>
            {about}
          </Typography>
        )}
        {children}
      </CardContent>
    </Card>
  );
}
