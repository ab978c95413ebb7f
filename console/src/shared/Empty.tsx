import { Box, Typography } from '@mui/material';
import type { SvgIconComponent } from '@mui/icons-material';
import type { ReactNode } from 'react';

interface Props {
  /** What is not there: "No routes". */
  title: string;
  /** Why, and what would change it. */
  children?: ReactNode;
  Icon?: SvgIconComponent;
  /** What the viewer can do about it, such as a button. */
  action?: ReactNode;
}

/** Nothing to show, and what to do about it. */
export function Empty({ title, children, Icon, action }: Props) {
  return (
    <Box sx={{ textAlign: 'center', py: 6, px: 2, color: 'text.secondary' }}>
      {Icon && <Icon aria-hidden sx={{ fontSize: 44, opacity: 0.6, mb: 1 }} />}
      <Typography variant="h6" component="p" color="text.primary">
        {title}
      </Typography>
      {children !== undefined && (
        <Typography component="div" variant="body2" sx={{ maxWidth: '34rem', mx: 'auto', mt: 0.5 }}>
          {children}
        </Typography>
      )}
      {action !== undefined && <Box sx={{ mt: 2 }}>{action}</Box>}
    </Box>
  );
}
