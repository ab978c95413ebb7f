import { Box, Divider, Typography } from '@mui/material';
import { Logout, UserMenu } from 'react-admin';

import { useIdentity, useTenant } from '../auth/IdentityContext';
import { roleIn, ROLE_NAMES } from '../auth/roles';
import { NO_TENANT } from './views';

/** Who is signed in, as what, and the way out. */
export function AccountMenu() {
  const identity = useIdentity();
  const tenant = useTenant();
  const role = roleIn(identity, tenant);
  const where = identity.isPlatformAdmin || tenant === NO_TENANT ? '' : ` in ${tenant}`;
  return (
    <UserMenu>
      <Box component="li" role="none" sx={{ px: 2, py: 1, maxWidth: 280 }}>
        <Typography noWrap sx={{ fontWeight: 600 }}>
          {identity.name}
        </Typography>
        <Typography variant="body2" color="text.secondary">
          {role ? ROLE_NAMES[role] + where : ''}
        </Typography>
      </Box>
      <Divider component="li" />
      <Logout />
    </UserMenu>
  );
}
