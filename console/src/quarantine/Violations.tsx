import { Table, TableBody, TableCell, TableContainer, TableHead, TableRow, Typography } from '@mui/material';

import type { Violation } from './violations';

interface Props {
  violations: readonly Violation[];
  /** With those that are not listed. */
  total: number;
}

/** What is wrong with a file, place by place. */
export function Violations({ violations, total }: Props) {
  if (violations.length === 0) {
    return (
      <Typography variant="body2" color="text.secondary">
        The file was not refused for what is in it.
      </Typography>
    );
  }
  return (
    <>
      <TableContainer>
        <Table size="small" aria-label="Violations">
          <TableHead>
            <TableRow>
              <TableCell align="right">Line</TableCell>
              <TableCell align="right">Column</TableCell>
              <TableCell>Field</TableCell>
              <TableCell>What is wrong</TableCell>
              <TableCell>Rule</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {violations.map((violation, index) => (
              <TableRow key={index}>
                <TableCell align="right">{violation.line ?? '–'}</TableCell>
                <TableCell align="right">{violation.column ?? '–'}</TableCell>
                <TableCell>{violation.field ?? '–'}</TableCell>
                <TableCell sx={{ minWidth: 200 }}>{violation.message}</TableCell>
                <TableCell>
                  <code>{violation.rule}</code>
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </TableContainer>
      {total > violations.length && (
        <Typography variant="body2" sx={{ mt: 1 }}>
          And {total - violations.length} more, which are not listed.
        </Typography>
      )}
    </>
  );
}
