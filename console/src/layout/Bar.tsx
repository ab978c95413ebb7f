import { Box, Chip } from '@mui/material';
import { AppBar, TitlePortal, useBasename } from 'react-admin';
import { Link } from 'react-router-dom';

import { useIdentity, useTenant } from '../auth/IdentityContext';
import { roleIn, ROLE_NAMES } from '../auth/roles';
import { AccountMenu } from './AccountMenu';
import { TenantSwitcher } from './TenantSwitcher';

export function Bar() {
  const identity = useIdentity();
  const role = roleIn(identity, useTenant());
  return (
    <AppBar color="default" elevation={0} userMenu={<AccountMenu />}>
      <Brand />
      <TitlePortal component="h1" sx={{ fontSize: 17, fontWeight: 600, minWidth: 0 }} />
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'center', minWidth: 0, mr: { xs: 0, sm: 1 } }}>
        {role && (
          <Chip
            label={ROLE_NAMES[role]}
            size="small"
            variant="outlined"
            sx={{ display: { xs: 'none', md: 'flex' }, color: 'inherit', borderColor: 'divider' }}
          />
        )}
        <TenantSwitcher />
      </Box>
    </AppBar>
  );
}

function Brand() {
  const basename = useBasename();
  return (
    <Box
      component={Link}
      to={`${basename}/`}
      aria-label="Fileferry: dashboard"
      sx={{
        display: 'flex',
        alignItems: 'center',
        gap: 1,
        mr: { xs: 1, md: 2 },
        pr: { md: 2 },
        borderRight: { md: 1 },
        borderColor: { md: 'divider' },
        color: 'inherit',
        textDecoration: 'none',
        fontWeight: 700,
        fontSize: 17,
      }}
    >
      <img src="/ferry.svg" alt="" width={26} height={26} />
      <Box component="span" sx={{ display: { xs: 'none', md: 'inline' } }}>
        Fileferry
      </Box>
    </Box>
  );
}
