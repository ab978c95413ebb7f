import { Box, Table, TableBody, TableCell, TableRow, Typography } from '@mui/material';

import type { Schema } from '../api/types';
import { durationText, sizeText } from '../shared/formats';

const NAMES: Record<string, string> = { step_functions: 'Step Functions', worker: 'the worker' };

/** Who would carry the file, and by which figures that was decided. */
export function Executor({ answer, compact }: { answer: Schema<'ExecutorAnswer'>; compact: boolean }) {
  const { facts } = answer;
  return (
    <Box>
      <Typography variant="subtitle2" component="h3">
        Carried by {NAMES[answer.executor] ?? answer.executor}
      </Typography>
      <Typography variant="body2" color="text.secondary">
        {answer.reason}
      </Typography>
      {!compact && (
        <Table size="small" aria-label="Facts" sx={{ mt: 1, maxWidth: 560 }}>
          <TableBody>
            {factsOf(facts).map(([name, value]) => (
              <TableRow key={name}>
                <TableCell component="th" scope="row">
                  {name}
                </TableCell>
                <TableCell>{value}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
    </Box>
  );
}

const DECIDED: Record<string, string> = {
  route: 'the route',
  small: 'the file’s size: it is small',
  bytes: 'the file’s size: it is large',
  scratch: 'the space that its operations need',
  seconds: 'the longest step',
};

function factsOf(facts: Schema<'ExecutorFacts'>): [string, string][] {
  const { limits } = facts;
  const seconds = Object.entries(facts.seconds ?? {});
  const rates = Object.entries(facts.rates ?? {});
  return [
    ['Decided by', DECIDED[facts.decided_by] ?? facts.decided_by],
    ['Limit of a step', durationText(limits.seconds * 1000)],
    ['Limit of a file', sizeText(limits.bytes)],
    ['Limit of scratch space', sizeText(limits.scratch_bytes)],
    ...(facts.longest_step ? ([['Longest step', facts.longest_step]] as [string, string][]) : []),
    ...seconds.map(([step, value]): [string, string] => [`Estimate of ${step}`, durationText(value * 1000)]),
    ...rates.map(([name, rate]): [string, string] => [
      `Rate of ${name}`,
      `${sizeText(rate.bytes_per_second)}/s, ${rate.source}${rate.samples ? ` from ${String(rate.samples)} deliveries` : ''}`,
    ]),
    ...(facts.scratch_bytes
      ? ([['Scratch space', sizeText(facts.scratch_bytes)]] as [string, string][])
      : []),
    ['Worker', facts.worker_deployed === false ? 'not deployed' : 'deployed'],
  ];
}
