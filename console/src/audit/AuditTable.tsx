import Closed from '@mui/icons-material/ChevronRight';
import Opened from '@mui/icons-material/ExpandMore';
import {
  IconButton,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { Fragment, useState } from 'react';

import { Json } from '../shared/Json';
import { StatusChip, type Tone } from '../shared/StatusChip';
import { Time } from '../shared/Time';
import { operationText, targetText, type Entry } from './audit';

export function AuditTable({ entries }: { entries: Entry[] }) {
  return (
    <TableContainer>
      <Table size="small" aria-label="Audit log">
        <TableHead>
          <TableRow>
            <TableCell padding="checkbox" aria-label="Details" />
            <TableCell>At</TableCell>
            <TableCell>Who</TableCell>
            <TableCell>What</TableCell>
            <TableCell>Target</TableCell>
            <TableCell>Status</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {entries.map((entry) => (
            <EntryRow key={entry.request_id} entry={entry} />
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function EntryRow({ entry }: { entry: Entry }) {
  const [open, setOpen] = useState(false);
  return (
    <Fragment>
      <TableRow hover>
        <TableCell padding="checkbox">
          <IconButton
            size="small"
            aria-label={`Details of ${operationText(entry.operation)}`}
            aria-expanded={open}
            onClick={() => {
              setOpen(!open);
            }}
          >
            {open ? <Opened fontSize="small" /> : <Closed fontSize="small" />}
          </IconButton>
        </TableCell>
        <TableCell>
          <Time at={entry.at} />
        </TableCell>
        <TableCell title={entry.caller}>
          {entry.caller_name || entry.caller}
          <Typography variant="caption" component="div" color="text.secondary">
            {entry.caller_kind}, {entry.source_ip}
          </Typography>
        </TableCell>
        <TableCell>{operationText(entry.operation)}</TableCell>
        <TableCell sx={{ overflowWrap: 'anywhere' }}>{targetText(entry.target) || '–'}</TableCell>
        <TableCell>
          <Status status={entry.status ?? 0} />
        </TableCell>
      </TableRow>
      {open && (
        <TableRow>
          <TableCell />
          <TableCell colSpan={5}>
            <Json value={entry} label="Entry" />
          </TableCell>
        </TableRow>
      )}
    </Fragment>
  );
}

function Status({ status }: { status: number }) {
  if (status === 0) return <StatusChip label="Not ended" tone="neutral" title="Under way, or cut off" />;
  const tone: Tone = status >= 500 ? 'bad' : status >= 400 ? 'warning' : 'good';
  return <StatusChip label={`${status >= 400 ? 'Refused' : 'Done'} ${String(status)}`} tone={tone} />;
}
