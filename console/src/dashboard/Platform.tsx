import {
  Box,
  Card,
  Link,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { useMemo } from 'react';
import { Title } from 'react-admin';
import { Link as RouterLink, useSearchParams } from 'react-router-dom';

import type { components } from '../api/schema';
import { sizeText } from '../shared/formats';
import { Problem } from '../shared/Problem';
import { ControlRow, CustomTimes, RangeChoice } from './Controls';
import { countText, percentText, successRate, sum } from './figures';
import { dayOf, rangeOf } from './range';
import { secondsText } from './Tiles';
import { useAll } from './useStatistics';

type TenantStatistics = components['schemas']['TenantStatistics'];

/** Every tenant's numbers side by side, for the platform's administrators. */
export default function Platform() {
  const [query] = useSearchParams();
  const range = useMemo(() => rangeOf(query, new Date()), [query]);
  const name = 'error' in range ? 'custom' : range.name;
  return (
    <Box sx={{ pb: 4 }}>
      <Title title="All tenants" />
      <ControlRow>
        <RangeChoice name={name} />
        {name === 'custom' && <CustomTimes />}
      </ControlRow>
      {'error' in range ? (
        <Typography>{range.error}</Typography>
      ) : (
        <Tenants since={range.since} until={range.name === 'custom' ? range.until : undefined} />
      )}
    </Box>
  );
}

function Tenants({ since, until }: { since: Date; until: Date | undefined }) {
  const [query] = useSearchParams();
  const found = useAll<TenantStatistics>('readPlatformStatistics', {
    since: since.toISOString(),
    until: until?.toISOString(),
    limit: 50,
  });
  if (found.error) {
    return (
      <Problem error={found.error} title="The tenants cannot be shown" again={() => void found.refetch()} />
    );
  }
  const tenants = [...(found.data ?? [])].sort((a, b) => sum(b.jobs) - sum(a.jobs));
  return (
    <>
      <Typography variant="body2" color="text.secondary" sx={{ mb: 1 }}>
        In whole days (UTC), from {DAYS.format(dayOf(since))} on.
      </Typography>
      <Card variant="outlined">
        <TableContainer tabIndex={0} role="region" aria-label="Numbers by tenant">
          <Table size="small">
            <TableHead>
              <TableRow>
                <TableCell>Tenant</TableCell>
                {['Jobs', 'Success', 'Failed', 'Quarantined', 'Data', 'p50', 'p95', 'p99'].map((column) => (
                  <TableCell key={column} align="right">
                    {column}
                  </TableCell>
                ))}
              </TableRow>
            </TableHead>
            <TableBody>
              {tenants.map((each) => (
                <Row key={each.tenant} found={each} search={query.toString()} />
              ))}
            </TableBody>
          </Table>
        </TableContainer>
        {found.isPending && (
          <Typography role="status" sx={{ p: 2 }}>
            Loading …
          </Typography>
        )}
      </Card>
    </>
  );
}

const DAYS = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone: 'UTC' });

function Row({ found, search }: { found: TenantStatistics; search: string }) {
  const { jobs, latency } = found;
  const rate = successRate(jobs);
  const cells = [
    countText(sum(jobs)),
    rate === undefined ? '–' : percentText(rate),
    countText(jobs.FAILED ?? 0),
    countText(jobs.QUARANTINED ?? 0),
    sizeText(sum(found.bytes)),
    ...[latency?.p50_seconds, latency?.p95_seconds, latency?.p99_seconds].map((seconds) =>
      seconds === undefined ? '–' : secondsText(seconds),
    ),
  ];
  return (
    <TableRow hover>
      <TableCell component="th" scope="row">
        <Link component={RouterLink} to={{ pathname: `/t/${found.tenant}/`, search }}>
          {found.tenant}
        </Link>
      </TableCell>
      {cells.map((text, index) => (
        <TableCell key={index} align="right" sx={{ whiteSpace: 'nowrap' }}>
          {text}
        </TableCell>
      ))}
    </TableRow>
  );
}
