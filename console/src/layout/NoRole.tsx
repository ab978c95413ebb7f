import { Button, Typography } from '@mui/material';
import { Link } from 'react-router-dom';

import type { Identity } from '../auth/roles';
import type { Session } from '../auth/session';
import { Doorway } from './Doorway';

/** For a link to a tenant in which the viewer has nothing to look for. */
export function NoRole({ tenant, ...who }: { tenant: string; session: Session; identity: Identity }) {
  return (
    <Doorway title="Not your tenant" {...who}>
      <Typography sx={{ mb: 2 }}>
        You have no role in the tenant <code>{tenant}</code>, or there is none of this name. Ask an
        administrator for a role, and sign in again when you have it.
      </Typography>
      <Button variant="contained" component={Link} to="/">
        To your tenants
      </Button>
    </Doorway>
  );
}
