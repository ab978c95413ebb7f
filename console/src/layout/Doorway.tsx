import { Box, Button, Card, CardContent, Typography } from '@mui/material';
import { useEffect, type ReactNode } from 'react';

import type { Identity } from '../auth/roles';
import type { Session } from '../auth/session';
import { Themed } from './Themed';

interface Props {
  title: string;
  session: Session;
  identity: Identity;
  children: ReactNode;
}

/** A page before any tenant is open: one card, who is signed in, and the way out. */
export function Doorway({ title, session, identity, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Fileferry`;
  }, [title]);
  return (
    <Themed>
      <Box component="main" sx={{ maxWidth: 520, mx: 'auto', px: 2, pt: { xs: 3, sm: 9 }, pb: 4 }}>
        <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, mb: 2 }}>
          <img src="/ferry.svg" alt="" width={36} height={36} />
          <Typography component="span" sx={{ fontSize: 20, fontWeight: 700 }}>
            Fileferry
          </Typography>
        </Box>
        <Card variant="outlined">
          <CardContent sx={{ p: { xs: 2, sm: 3 } }}>
            <Typography variant="h5" component="h1" sx={{ fontWeight: 600, mb: 1.5 }}>
              {title}
            </Typography>
            {children}
          </CardContent>
        </Card>
        <Typography variant="body2" color="text.secondary" sx={{ mt: 2 }}>
          Signed in as {identity.name}.{' '}
          <Button size="small" onClick={() => void session.signOut()}>
            Sign out
          </Button>
        </Typography>
      </Box>
    </Themed>
  );
}
