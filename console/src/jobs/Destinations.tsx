import { Table, TableBody, TableCell, TableContainer, TableHead, TableRow, Typography } from '@mui/material';
import { Link } from 'react-router-dom';
import { Link as MuiLink } from '@mui/material';
import { useCreatePath } from 'react-admin';

import { useMay } from '../auth/IdentityContext';
import { Bytes } from '../shared/Bytes';
import { StatusChip, type Tone } from '../shared/StatusChip';
import { Time } from '../shared/Time';
import type { Delivery, Run } from './job';

/** What became of a run's file at each destination. */
export function Destinations({ run }: { run: Run }) {
  const deliveries = Object.entries(run.deliveries);
  if (deliveries.length === 0) {
    return (
      <Typography variant="body2" color="text.secondary">
        {run.ended_at ? 'The file was not delivered anywhere in this run.' : 'Nothing is delivered yet.'}
      </Typography>
    );
  }
  return (
    <TableContainer>
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>Destination</TableCell>
            <TableCell>Outcome</TableCell>
            <TableCell>Where</TableCell>
            <TableCell align="right">Size</TableCell>
            <TableCell>At</TableCell>
            <TableCell>Confirmed</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {deliveries.map(([id, delivery]) => (
            <DeliveryRow key={id} id={id} delivery={delivery} run={run} />
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function DeliveryRow({ id, delivery, run }: { id: string; delivery: Delivery; run: Run }) {
  const createPath = useCreatePath();
  const may = useMay();
  return (
    <TableRow sx={{ verticalAlign: 'top' }}>
      <TableCell>
        {may('readDestination') ? (
          <MuiLink component={Link} to={createPath({ resource: 'destinations', type: 'edit', id })}>
            {id}
          </MuiLink>
        ) : (
          id
        )}
        <Typography variant="caption" color="text.secondary" sx={{ display: 'block' }}>
          {delivery.kind}
        </Typography>
      </TableCell>
      <TableCell>
        <StatusChip label={wordOf(delivery.status)} tone={TONES[delivery.status] ?? 'neutral'} />
        {delivery.error && (
          <Typography variant="body2" color="error" sx={{ mt: 0.5, minWidth: 220 }}>
            {delivery.error}
          </Typography>
        )}
      </TableCell>
      <TableCell sx={{ overflowWrap: 'anywhere', minWidth: 180 }}>{delivery.location}</TableCell>
      <TableCell align="right">
        <Bytes size={delivery.size} />
      </TableCell>
      <TableCell>
        <Time at={delivery.at} />
      </TableCell>
      <TableCell sx={{ minWidth: 160 }}>{confirmationOf(run, id) ?? '–'}</TableCell>
    </TableRow>
  );
}

const TONES: Record<string, Tone> = {
  DELIVERED: 'good',
  FAILED: 'bad',
  REFUSED: 'bad',
  RUNNING: 'busy',
  PENDING: 'neutral',
};

function wordOf(status: string): string {
  return status.charAt(0) + status.slice(1).toLowerCase();
}

/** How the far side's copy was compared, or who has acknowledged it. */
function confirmationOf(run: Run, id: string): string | undefined {
  const result = run.steps.confirm?.result;
  const confirmed = (result?.confirmed ?? {}) as Record<string, { how?: string } | undefined>;
  const acknowledged = result?.acknowledged_by;
  if (typeof acknowledged === 'string') return `acknowledged by ${acknowledged}`;
  return confirmed[id]?.how;
}
