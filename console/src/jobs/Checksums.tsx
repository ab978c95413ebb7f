import Check from '@mui/icons-material/CheckCircle';
import Equal from '@mui/icons-material/DragHandle';
import Different from '@mui/icons-material/Error';
import Unknown from '@mui/icons-material/HelpOutline';
import {
  Alert,
  Box,
  Stack,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import type { SvgIconComponent } from '@mui/icons-material';

import { Bytes } from '../shared/Bytes';
import { allEqual, comparisonOf, type ChecksumRow, type Verdict } from './checksums';
import type { Job, Run } from './job';

/** The checksums of a file at every place where it was, compared. */
export function Checksums({ job, run }: { job: Job; run: Run }) {
  const comparison = comparisonOf(job, run);
  const equal = allEqual(comparison);
  if (comparison.original.length === 0) {
    return (
      <Typography variant="body2" color="text.secondary">
        No checksum is known yet: it is computed when the file is staged.
      </Typography>
    );
  }
  return (
    <Stack spacing={2}>
      {equal === false && (
        <Alert severity="error">A checksum differs: the bytes there are not those that were staged.</Alert>
      )}
      {equal === true && <Alert severity="success">All copies have the bytes that they must have.</Alert>}
      <Rows title="The file as it came in" rows={comparison.original} />
      {comparison.delivered.length > 0 && (
        <Rows title="The file as it was delivered" rows={comparison.delivered} />
      )}
    </Stack>
  );
}

function Rows({ title, rows }: { title: string; rows: ChecksumRow[] }) {
  return (
    <TableContainer>
      <Table size="small" aria-label={title}>
        <caption style={{ captionSide: 'top', padding: '0 0 4px', fontWeight: 600 }}>{title}</caption>
        <TableHead>
          <TableRow>
            <TableCell>Where</TableCell>
            <TableCell>Compared</TableCell>
            <TableCell align="right">Size</TableCell>
            <TableCell>Checksum</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={`${row.where} ${row.algorithm}`}>
              <TableCell>{row.where}</TableCell>
              <TableCell>
                <Mark verdict={row.verdict} />
              </TableCell>
              <TableCell align="right">
                <Bytes size={row.size} />
              </TableCell>
              <TableCell
                sx={{
                  fontFamily: 'ui-monospace, Menlo, Consolas, monospace',
                  fontSize: 12,
                  overflowWrap: 'anywhere',
                  minWidth: 220,
                }}
              >
                {row.algorithm.toUpperCase()} {row.digest}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

const MARKS: Record<Verdict, { text: string; Icon: SvgIconComponent; color: string }> = {
  reference: { text: 'the measure', Icon: Check, color: 'text.secondary' },
  equal: { text: 'equal', Icon: Equal, color: 'success.main' },
  different: { text: 'different', Icon: Different, color: 'error.main' },
  unknown: { text: 'checked by the step', Icon: Unknown, color: 'text.secondary' },
};

function Mark({ verdict }: { verdict: Verdict }) {
  const { text, Icon, color } = MARKS[verdict];
  return (
    <Box sx={{ display: 'inline-flex', alignItems: 'center', gap: 0.5, color, whiteSpace: 'nowrap' }}>
      <Icon fontSize="small" aria-hidden /> {text}
    </Box>
  );
}
