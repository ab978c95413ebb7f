import { Box, Button, MenuItem, TextField } from '@mui/material';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Title } from 'react-admin';
import { useSearchParams } from 'react-router-dom';

import { useClient } from '../api/useClient';
import { useTenant } from '../auth/IdentityContext';
import { FormSection } from '../records/FormSection';
import { Empty } from '../shared/Empty';
import { Problem } from '../shared/Problem';
import { AuditTable } from './AuditTable';
import { matching, operationText, type AuditFilter, type Entry } from './audit';

interface Page {
  items: Entry[];
  cursor: string | null;
}

/** Who changed or did what, the newest first. */
export default function AuditList() {
  const client = useClient();
  const tenant = useTenant();
  const [query, setQuery] = useSearchParams();
  const since = query.get('since') ?? '';
  const until = query.get('until') ?? '';
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetching } = useInfiniteQuery({
    queryKey: ['audit', tenant, since, until],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const period = { since: isoOf(since), until: isoOf(until) };
      const asked = { query: { ...period, limit: 100, cursor: pageParam }, signal };
      return (await client.call<Page>('listAudit', asked)).data;
    },
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
  });
  const entries = data?.pages.flatMap(({ items }) => items) ?? [];
  const filter: AuditFilter = {
    text: query.get('text') ?? '',
    operation: query.get('operation') ?? '',
    outcome: outcomeOf(query.get('outcome')),
  };
  const found = matching(entries, filter);
  const put = (name: string, value: string) => {
    const changed = new URLSearchParams(query);
    if (value) changed.set(name, value);
    else changed.delete(name);
    setQuery(changed, { replace: true });
  };
  return (
    <Box sx={{ mt: 2 }}>
      <Title title="Audit" />
      <FormSection title="Audit" about="Every request that was more than reading, also refused ones.">
        <Filters filter={filter} period={{ since, until }} operations={operationsOf(entries)} put={put} />
        {error && (
          <Problem error={error} title="The audit log cannot be shown" again={() => void refetch()} />
        )}
        {data && found.length === 0 && (
          <Empty title="Nothing found">
            {hasNextPage ? 'Load more entries, or widen the filter.' : 'Widen the period or the filter.'}
          </Empty>
        )}
        {found.length > 0 && <AuditTable entries={found} />}
        {hasNextPage && (
          <Button disabled={isFetching} onClick={() => void fetchNextPage()} sx={{ mt: 1 }}>
            {isFetching ? 'Loading …' : `Load more (${String(entries.length)} loaded)`}
          </Button>
        )}
      </FormSection>
    </Box>
  );
}

interface FiltersProps {
  filter: AuditFilter;
  period: { since: string; until: string };
  operations: string[];
  put: (name: string, value: string) => void;
}

function Filters({ filter, period, operations, put }: FiltersProps) {
  const shrink = { inputLabel: { shrink: true } };
  const field = (name: string, value: string) => ({
    size: 'small' as const,
    value,
    onChange: (event: { target: { value: string } }) => {
      put(name, event.target.value);
    },
  });
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 1.5,
        mb: 2,
        mt: 1,
        gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr', lg: '2fr repeat(4, 1fr)' },
      }}
    >
      <TextField label="Caller, target or anything else" {...field('text', filter.text)} />
      <TextField
        select
        label="Operation"
        {...field('operation', filter.operation)}
        slotProps={{ select: { displayEmpty: true }, ...shrink }}
      >
        <MenuItem value="">All</MenuItem>
        {operations.map((operation) => (
          <MenuItem key={operation} value={operation}>
            {operationText(operation)}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        select
        label="Outcome"
        {...field('outcome', filter.outcome)}
        slotProps={{ select: { displayEmpty: true }, ...shrink }}
      >
        <MenuItem value="">All</MenuItem>
        <MenuItem value="done">Done</MenuItem>
        <MenuItem value="refused">Refused</MenuItem>
      </TextField>
      <TextField label="Since" type="datetime-local" {...field('since', period.since)} slotProps={shrink} />
      <TextField label="Before" type="datetime-local" {...field('until', period.until)} slotProps={shrink} />
    </Box>
  );
}

function operationsOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.map(({ operation }) => operation))].sort();
}

function outcomeOf(text: string | null): AuditFilter['outcome'] {
  return text === 'done' || text === 'refused' ? text : '';
}

function isoOf(local: string): string | undefined {
  const at = new Date(local);
  return local === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
