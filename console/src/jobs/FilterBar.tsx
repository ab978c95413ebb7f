import { Box, MenuItem, TextField } from '@mui/material';
import { useEffect, useState } from 'react';
import { useListContext } from 'react-admin';

import { JOB_STATUSES, jobStatusName } from '../shared/JobStatusChip';
import { asJobFilter, type JobFilter } from './filters';
import { RouteChoice } from './RouteChoice';
import { SavedFilters } from './SavedFilters';

/** What the list of jobs is filtered by; the address holds it. */
export function FilterBar({ status: fixed }: { status?: JobFilter['status'] }) {
  const { filterValues, setFilters, displayedFilters } = useListContext();
  const filter = asJobFilter(filterValues as Record<string, unknown>);
  const change = (part: JobFilter) => {
    setFilters({ ...asJobFilter({ ...filter, ...part }) }, displayedFilters);
  };
  return (
    <Box
      role="search"
      aria-label="Filter jobs"
      sx={{
        flex: 1,
        display: 'grid',
        gap: 1,
        py: 1,
        alignItems: 'center',
        gridTemplateColumns: {
          xs: 'repeat(auto-fill, minmax(min(100%, 13rem), 1fr))',
          lg: `repeat(${fixed ? '2' : '3'}, minmax(0, 1fr)) repeat(2, minmax(13rem, 1fr)) auto`,
        },
      }}
    >
      <Later label="Name begins with" value={filter.filename} onChange={(filename) => change({ filename })} />
      {!fixed && (
        <TextField
          select
          size="small"
          label="Status"
          value={filter.status ?? ''}
          onChange={({ target }) => change({ status: (target.value || undefined) as JobFilter['status'] })}
        >
          <MenuItem value="">Any</MenuItem>
          {JOB_STATUSES.map((status) => (
            <MenuItem key={status} value={status}>
              {jobStatusName(status)}
            </MenuItem>
          ))}
        </TextField>
      )}
      <RouteField value={filter.route} onChange={(route) => change({ route })} />
      <Moment label="Received since" value={filter.since} onChange={(since) => change({ since })} />
      <Moment label="Received before" value={filter.until} onChange={(until) => change({ until })} />
      {!fixed && <SavedFilters />}
    </Box>
  );
}

interface FieldProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

/** A text that is asked for once the viewer has stopped typing. */
function Later({ label, value = '', onChange }: FieldProps) {
  const [text, setText] = useTyped(value, onChange);
  return (
    <TextField
      size="small"
      label={label}
      value={text}
      onChange={({ target }) => {
        setText(target.value);
      }}
    />
  );
}

function RouteField({ value = '', onChange }: Omit<FieldProps, 'label'>) {
  const [text, setText] = useTyped(value, onChange);
  return <RouteChoice label="Route" value={text} onChange={setText} />;
}

function useTyped(value: string, onChange: (value: string | undefined) => void) {
  const [typed, setTyped] = useState<string>();
  useEffect(() => {
    if (typed === undefined) return undefined;
    const timer = setTimeout(() => {
      setTyped(undefined);
      if (typed !== value) onChange(typed || undefined);
    }, 400);
    return () => {
      clearTimeout(timer);
    };
  }, [typed, value, onChange]);
  return [typed ?? value, setTyped] as const;
}

/** A time in the viewer's zone. */
function Moment({ label, value, onChange }: FieldProps) {
  return (
    <TextField
      type="datetime-local"
      size="small"
      label={label}
      value={value ? localText(value) : ''}
      onChange={({ target }) => onChange(target.value ? new Date(target.value).toISOString() : undefined)}
      slotProps={{ inputLabel: { shrink: true } }}
    />
  );
}

function localText(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
