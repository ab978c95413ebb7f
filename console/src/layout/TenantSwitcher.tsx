import Unfold from '@mui/icons-material/UnfoldMore';
import { Autocomplete, Button, Popover, TextField, Typography } from '@mui/material';
import { useState } from 'react';
import { useLocation, useNavigate } from 'react-router-dom';

import { useIdentity, useTenant } from '../auth/IdentityContext';
import { Problem } from '../shared/Problem';
import { useTenants, type Tenant } from './useTenants';
import { NO_TENANT } from './views';
import { useClient } from '../api/useClient';

/** The tenant that is shown, and a way to the others; whoever has one tenant only reads its name. */
export function TenantSwitcher() {
  const tenant = useTenant();
  const identity = useIdentity();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const name = tenant === NO_TENANT ? 'No tenant' : tenant;
  if (!identity.isPlatformAdmin && Object.keys(identity.roles).length < 2) {
    return (
      <Typography variant="body2" noWrap sx={{ fontWeight: 600 }} title={`Tenant ${tenant}`}>
        {tenant}
      </Typography>
    );
  }
  return (
    <>
      <Button
        color="inherit"
        size="small"
        aria-haspopup="dialog"
        aria-expanded={anchor !== null}
        aria-label={`Tenant ${name}: switch to another`}
        endIcon={<Unfold fontSize="small" />}
        onClick={(event) => setAnchor(event.currentTarget)}
        sx={{ maxWidth: { xs: 130, sm: 240 }, fontWeight: 600, '& .MuiButton-endIcon': { ml: 0.25 } }}
      >
        <span style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{name}</span>
      </Button>
      <Popover
        open={anchor !== null}
        anchorEl={anchor}
        onClose={() => setAnchor(null)}
        anchorOrigin={{ vertical: 'bottom', horizontal: 'right' }}
        transformOrigin={{ vertical: 'top', horizontal: 'right' }}
        slotProps={{ paper: { role: 'dialog', 'aria-label': 'Switch tenant', sx: { p: 1.5, width: 320 } } }}
      >
        <Choice current={tenant} onDone={() => setAnchor(null)} />
      </Popover>
    </>
  );
}

function Choice({ current, onDone }: { current: string; onDone: () => void }) {
  const client = useClient();
  const { data, error, isPending, refetch } = useTenants(client, true);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  if (error)
    return <Problem error={error} title="The tenants cannot be listed" again={() => void refetch()} />;
  const open = ({ id }: Tenant) => {
    onDone();
    if (id !== current) void navigate(sameView(pathname, id));
  };
  return (
    <Autocomplete
      options={data ?? []}
      loading={isPending}
      openOnFocus
      autoHighlight
      fullWidth
      value={data?.find(({ id }) => id === current) ?? null}
      getOptionLabel={(tenant) => tenant.name}
      getOptionKey={(tenant) => tenant.id}
      isOptionEqualToValue={(one, other) => one.id === other.id}
      filterOptions={(tenants, { inputValue }) => matching(tenants, inputValue, data, current)}
      onChange={(_, tenant) => tenant && open(tenant)}
      noOptionsText="No tenant is called so"
      renderOption={({ key, ...props }, tenant) => (
        <li key={key} {...props}>
          <span>
            {tenant.name}
            <Typography variant="caption" color="text.secondary" component="span" sx={{ display: 'block' }}>
              {tenant.id}
              {!tenant.enabled && ', disabled'}
            </Typography>
          </span>
        </li>
      )}
      renderInput={(params) => (
        <TextField {...params} autoFocus label="Tenant" variant="outlined" size="small" margin="none" />
      )}
    />
  );
}

const MOST_SHOWN = 100;

/** By name or id; all of them while the current tenant's name still stands in the box. */
function matching(tenants: Tenant[], typed: string, all: Tenant[] | undefined, current: string): Tenant[] {
  const untouched = all?.find(({ id }) => id === current)?.name === typed;
  const wanted = untouched ? '' : typed.trim().toLowerCase();
  return tenants
    .filter(({ id, name }) => id.includes(wanted) || name.toLowerCase().includes(wanted))
    .slice(0, MOST_SHOWN);
}

/** The same view of another tenant; not the same record, which the other does not have. */
export function sameView(pathname: string, tenant: string): string {
  const view = pathname.split('/')[3] ?? '';
  return `/t/${tenant}/${view}`;
}
