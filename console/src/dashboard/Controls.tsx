import { Box, MenuItem, TextField, ToggleButton, ToggleButtonGroup } from '@mui/material';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router-dom';

import { isRangeName, RANGE_LABELS, RANGES, type RangeName } from './range';

/** The choice of the time that is shown; it stands in the address. */
export function RangeChoice({ name }: { name: RangeName }) {
  const [query, setQuery] = useSearchParams();
  const choose = (chosen: unknown) => {
    if (typeof chosen !== 'string' || !isRangeName(chosen)) return;
    const next = new URLSearchParams(query);
    next.set('range', chosen);
    if (chosen === 'custom') {
      if (!next.has('since')) next.set('since', new Date(Date.now() - 3 * 86_400_000).toISOString());
      if (!next.has('until')) next.set('until', new Date().toISOString());
    } else {
      next.delete('since');
      next.delete('until');
    }
    setQuery(next);
  };
  return (
    <ToggleButtonGroup
      exclusive
      size="small"
      color="primary"
      aria-label="Time range"
      value={name}
      onChange={(_, chosen) => {
        choose(chosen);
      }}
    >
      {RANGES.map((each) => (
        <ToggleButton key={each} value={each} sx={{ textTransform: 'none', px: 1.5, py: 0.6 }}>
          {RANGE_LABELS[each]}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

/** Begin and end of a custom range, in the viewer's zone. */
export function CustomTimes() {
  return (
    <>
      <Moment name="since" label="From" />
      <Moment name="until" label="To" />
    </>
  );
}

function Moment({ name, label }: { name: 'since' | 'until'; label: string }) {
  const [query, setQuery] = useSearchParams();
  return (
    <TextField
      size="small"
      margin="none"
      variant="outlined"
      fullWidth={false}
      type="datetime-local"
      label={label}
      value={localText(query.get(name))}
      onChange={(event) => {
        const at = new Date(event.target.value);
        const next = new URLSearchParams(query);
        if (Number.isNaN(at.getTime())) next.delete(name);
        else next.set(name, at.toISOString());
        setQuery(next, { replace: true });
      }}
      slotProps={{ inputLabel: { shrink: true } }}
    />
  );
}

/** What a field for local times takes: no zone, no seconds. */
function localText(iso: string | null): string {
  const at = new Date(iso ?? '');
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

interface RouteChoiceProps {
  route: string;
  routes: readonly string[];
}

/** One route, or all of them. */
export function RouteChoice({ route, routes }: RouteChoiceProps) {
  const [query, setQuery] = useSearchParams();
  const known = route && !routes.includes(route) ? [route, ...routes] : routes;
  return (
    <TextField
      select
      size="small"
      margin="none"
      variant="outlined"
      fullWidth={false}
      label="Route"
      value={route}
      onChange={(event) => {
        const next = new URLSearchParams(query);
        if (event.target.value) next.set('route', event.target.value);
        else next.delete('route');
        setQuery(next);
      }}
      slotProps={{ inputLabel: { shrink: true }, select: { displayEmpty: true } }}
      sx={{ minWidth: 160 }}
    >
      <MenuItem value="">All routes</MenuItem>
      {known.map((each) => (
        <MenuItem key={each} value={each}>
          {each === 'none' ? 'No route took it' : each}
        </MenuItem>
      ))}
    </TextField>
  );
}

export function ControlRow({ children }: { children: ReactNode }) {
  return (
    <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1.5, alignItems: 'center', my: 2 }}>{children}</Box>
  );
}
