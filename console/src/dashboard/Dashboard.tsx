import { Alert, Box, Button, Skeleton, Typography } from '@mui/material';
import { useMemo } from 'react';
import { Title, useCreatePath } from 'react-admin';
import { Link as RouterLink, useSearchParams } from 'react-router-dom';

import { useMay } from '../auth/IdentityContext';
import { Problem } from '../shared/Problem';
import { Charts } from './Charts';
import { ControlRow, CustomTimes, RangeChoice, RouteChoice } from './Controls';
import { Failures } from './Failures';
import { series } from './figures';
import { FirstSteps } from './FirstSteps';
import { MissedWindows } from './MissedWindows';
import { rangeOf, type Range } from './range';
import { RouteTable } from './RouteTable';
import { Statuses } from './Statuses';
import { Tiles } from './Tiles';
import { useBoard, type Board } from './useBoard';

/** Is it moving, what is stuck, and what went wrong. */
export default function Dashboard() {
  const [query] = useSearchParams();
  // A new "now" with each new address is enough: ranges begin at whole hours, and the API ends them by itself.
  const range = useMemo(() => rangeOf(query, new Date()), [query]);
  const route = query.get('route') ?? '';
  return (
    <Box sx={{ pb: 4 }}>
      <Title title="Dashboard" />
      {'error' in range ? <NoRange error={range.error} /> : <OfRange range={range} route={route} />}
    </Box>
  );
}

function NoRange({ error }: { error: string }) {
  return (
    <>
      <ControlRow>
        <RangeChoice name="custom" />
        <CustomTimes />
      </ControlRow>
      <Alert severity="info">{error}</Alert>
    </>
  );
}

function OfRange({ range, route }: { range: Range; route: string }) {
  const board = useBoard(range, route);
  if (board.isNew) {
    return (
      <Box sx={{ mt: 2 }}>
        <FirstSteps />
      </Box>
    );
  }
  return (
    <>
      <ControlRow>
        <RangeChoice name={range.name} />
        {range.name === 'custom' && <CustomTimes />}
        <RouteChoice route={route} routes={board.routes.map((each) => each.route ?? '')} />
        <Box sx={{ ml: 'auto', display: 'flex', alignItems: 'center', gap: 1.5 }}>
          <Updated at={board.updatedAt} />
          <AllTenants />
        </Box>
      </ControlRow>
      {board.error !== null && (
        <Box sx={{ mb: 2 }}>
          <Problem error={board.error} title="Not everything can be shown" again={board.again} />
        </Box>
      )}
      {board.known && <Shown board={board} range={range} route={route} />}
      {!board.known && board.error === null && <Loading />}
    </>
  );
}

function Shown({ board, range, route }: { board: Board; range: Range; route: string }) {
  const periods = useMemo(() => series(range, board.periods), [range, board.periods]);
  return (
    <Box sx={{ display: 'grid', gap: 2 }}>
      <Tiles range={range} total={board.total} backlog={board.backlog} missed={board.missed} />
      <Charts range={range} periods={periods} />
      <Box
        sx={{
          display: 'grid',
          gap: 2,
          alignItems: 'start',
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'minmax(0, 1fr) minmax(0, 1fr)' },
        }}
      >
        <Box sx={{ display: 'grid', gap: 2 }}>
          <Failures jobs={board.failures} />
          <MissedWindows windows={board.missed ?? []} />
        </Box>
        <Statuses jobs={board.total?.jobs ?? {}} route={route} />
      </Box>
      <RouteTable routes={board.routes} />
    </Box>
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

function Updated({ at }: { at: number }) {
  if (at === 0) return null;
  return (
    <Typography variant="body2" color="text.secondary" sx={{ fontVariantNumeric: 'tabular-nums' }}>
      Updated {CLOCK.format(at)}
    </Typography>
  );
}

function AllTenants() {
  const may = useMay();
  const path = useCreatePath();
  if (!may('readPlatformStatistics')) return null;
  return (
    <Button component={RouterLink} to={path({ resource: 'platform', type: 'list' })} size="small">
      All tenants
    </Button>
  );
}

function Loading() {
  return (
    <Box role="status" aria-label="Loading the dashboard" sx={{ display: 'grid', gap: 2 }}>
      <Skeleton variant="rounded" height={110} />
      <Skeleton variant="rounded" height={240} />
      <Skeleton variant="rounded" height={200} />
    </Box>
  );
}
