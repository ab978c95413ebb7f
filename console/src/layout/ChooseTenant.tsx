import Search from '@mui/icons-material/Search';
import {
  Button,
  InputAdornment,
  LinearProgress,
  List,
  ListItemButton,
  ListItemText,
  TextField,
  Typography,
} from '@mui/material';
import { useEffect, useState } from 'react';
import { Navigate, Link } from 'react-router-dom';

import { ApiClient } from '../api/client';
import { roleIn, ROLE_NAMES, type Identity } from '../auth/roles';
import type { Session } from '../auth/session';
import type { Config } from '../config';
import { Problem } from '../shared/Problem';
import { Doorway } from './Doorway';
import { allTenants, type Tenant } from './useTenants';
import { NO_TENANT } from './views';

interface Props {
  config: Config;
  session: Session;
  identity: Identity;
}

/** The first page: the only tenant at once, or a choice. */
export function ChooseTenant({ config, session, identity }: Props) {
  const [tenants, setTenants] = useState<Tenant[]>();
  const [error, setError] = useState<unknown>();
  const [tries, setTries] = useState(0);
  useEffect(() => {
    const leaving = new AbortController();
    const client = new ApiClient(config.apiUrl, '', () => session.token());
    setError(undefined);
    allTenants(client, leaving.signal)
      .then(setTenants)
      .catch((found: unknown) => {
        if (!leaving.signal.aborted) setError(found);
      });
    return () => leaving.abort();
  }, [config, session, tries]);
  const [only, ...more] = tenants ?? [];
  if (only && more.length === 0) return <Navigate to={`/t/${only.id}/`} replace />;
  return (
    <Doorway title="Choose a tenant" session={session} identity={identity}>
      {error !== undefined && (
        <Problem error={error} title="The tenants cannot be listed" again={() => setTries(tries + 1)} />
      )}
      {!tenants && error === undefined && <LinearProgress aria-label="Loading the tenants" />}
      {tenants?.length === 0 && <NoTenants identity={identity} />}
      {tenants && tenants.length > 0 && <Choice tenants={tenants} identity={identity} />}
    </Doorway>
  );
}

function NoTenants({ identity }: { identity: Identity }) {
  if (!identity.isPlatformAdmin) {
    return (
      <Typography>
        You have no role in any tenant. Ask an administrator for one, and sign in again.
      </Typography>
    );
  }
  return (
    <>
      <Typography sx={{ mb: 2 }}>There is no tenant yet. Users, routes and jobs belong to one.</Typography>
      <Button variant="contained" component={Link} to={`/t/${NO_TENANT}/tenants/create`}>
        Create the first tenant
      </Button>
    </>
  );
}

const SEARCHED_FROM = 8;

function Choice({ tenants, identity }: { tenants: Tenant[]; identity: Identity }) {
  const [typed, setTyped] = useState('');
  const wanted = typed.trim().toLowerCase();
  const shown = tenants.filter(({ id, name }) => id.includes(wanted) || name.toLowerCase().includes(wanted));
  return (
    <>
      {tenants.length >= SEARCHED_FROM && (
        <TextField
          label="Search by name"
          variant="outlined"
          size="small"
          fullWidth
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          slotProps={{
            input: {
              startAdornment: (
                <InputAdornment position="start">
                  <Search fontSize="small" />
                </InputAdornment>
              ),
            },
          }}
        />
      )}
      <List aria-label="Tenants" sx={{ maxHeight: '55vh', overflow: 'auto', mx: -1 }}>
        {shown.map((tenant) => (
          <li key={tenant.id}>
            <ListItemButton component={Link} to={`/t/${tenant.id}/`} sx={{ borderRadius: 1 }}>
              <ListItemText primary={tenant.name} secondary={about(tenant, identity)} />
            </ListItemButton>
          </li>
        ))}
      </List>
      {shown.length === 0 && <Typography color="text.secondary">No tenant is called so.</Typography>}
    </>
  );
}

function about({ id, enabled }: Tenant, identity: Identity): string {
  const role = roleIn(identity, id);
  const parts = [id, role && !identity.isPlatformAdmin ? ROLE_NAMES[role] : '', enabled ? '' : 'disabled'];
  return parts.filter(Boolean).join(', ');
}
