import { Autocomplete, TextField } from '@mui/material';

import { useMay } from '../auth/IdentityContext';
import { useLive } from '../shared/useLive';

interface Props {
  label: string;
  value: string;
  onChange: (route: string) => void;
  helperText?: string;
}

/** A route's name, with the tenant's routes to choose from. */
export function RouteChoice({ label, value, onChange, helperText }: Props) {
  return (
    <Autocomplete
      freeSolo
      size="small"
      options={useRouteNames()}
      value={value}
      onInputChange={(_, route) => {
        onChange(route);
      }}
      renderInput={(props) => <TextField {...props} label={label} helperText={helperText} />}
    />
  );
}

/** The tenant's routes by name; a tenant has few enough for one page, and more can be typed. */
export function useRouteNames(): string[] {
  const may = useMay();
  const { data } = useLive<{ items: { id: string }[] }>(
    'listRoutes',
    { query: { limit: 200 } },
    { every: 0, enabled: may('listRoutes') },
  );
  return (data?.items ?? []).map(({ id }) => id);
}
