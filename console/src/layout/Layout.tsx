import { Box, Button, Typography } from '@mui/material';
import { AppBar, Layout as RaLayout, Menu, TitlePortal, type LayoutProps } from 'react-admin';
import { Link } from 'react-router-dom';

import { useIdentity, useMay, useTenant } from '../auth/IdentityContext';
import { roleIn, ROLE_NAMES } from '../auth/roles';

function Bar() {
  const identity = useIdentity();
  const tenant = useTenant();
  const role = roleIn(identity, tenant);
  return (
    <AppBar color="primary">
      <TitlePortal />
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
        <Typography variant="body2" sx={{ display: { xs: 'none', sm: 'block' } }}>
          {role ? ROLE_NAMES[role] : ''}
        </Typography>
        <Button
          component={Link}
          to="/"
          color="inherit"
          size="small"
          aria-label={`Tenant ${tenant}: choose another`}
        >
          {tenant}
        </Button>
      </Box>
    </AppBar>
  );
}

function Views() {
  const may = useMay();
  return <Menu>{may('listJobs') && <Menu.ResourceItem name="jobs" />}</Menu>;
}

export function Layout(props: LayoutProps) {
  return <RaLayout {...props} appBar={Bar} menu={Views} />;
}
