import {
  Link,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { Link as RouterLink, useSearchParams } from 'react-router-dom';

import { sizeText } from '../shared/formats';
import { countText, percentText, successRate, sum, type Statistics } from './figures';
import { Panel } from './Panel';
import { secondsText } from './Tiles';

/** The range's numbers by route; a route's name shows the dashboard of that route. */
export function RouteTable({ routes }: { routes: readonly Statistics[] }) {
  const [query] = useSearchParams();
  const ordered = [...routes].sort((a, b) => sum(b.jobs) - sum(a.jobs));
  return (
    <Panel title="By route">
      {ordered.length === 0 && <Typography color="text.secondary">No job ended in this time.</Typography>}
      {ordered.length > 0 && (
        <TableContainer sx={{ maxHeight: 320 }} tabIndex={0} role="region" aria-label="Numbers by route">
          <Table size="small" stickyHeader>
            <TableHead>
              <TableRow>
                <TableCell>Route</TableCell>
                {['Jobs', 'Success', 'Data', 'p50', 'p95'].map((name) => (
                  <TableCell key={name} align="right">
                    {name}
                  </TableCell>
                ))}
              </TableRow>
            </TableHead>
            <TableBody>
              {ordered.map((each) => (
                <Row key={each.route} found={each} query={query} />
              ))}
            </TableBody>
          </Table>
        </TableContainer>
      )}
    </Panel>
  );
}

function Row({ found, query }: { found: Statistics; query: URLSearchParams }) {
  const route = found.route ?? '';
  const next = new URLSearchParams(query);
  next.set('route', route);
  const rate = successRate(found.jobs);
  return (
    <TableRow hover>
      <TableCell component="th" scope="row">
        <Link component={RouterLink} to={{ search: next.toString() }}>
          {route === 'none' ? 'No route took it' : route}
        </Link>
      </TableCell>
      <TableCell align="right">{countText(sum(found.jobs))}</TableCell>
      <TableCell align="right">{rate === undefined ? '–' : percentText(rate)}</TableCell>
      <TableCell align="right" sx={{ whiteSpace: 'nowrap' }}>
        {sizeText(sum(found.bytes))}
      </TableCell>
      <TableCell align="right" sx={{ whiteSpace: 'nowrap' }}>
        {found.latency ? secondsText(found.latency.p50_seconds) : '–'}
      </TableCell>
      <TableCell align="right" sx={{ whiteSpace: 'nowrap' }}>
        {found.latency ? secondsText(found.latency.p95_seconds) : '–'}
      </TableCell>
    </TableRow>
  );
}
