import { Box, Typography, useMediaQuery, type Theme } from '@mui/material';
import { Fragment, useMemo } from 'react';

import { comparableText, diffRows, type DiffRow } from './diff';

interface Props {
  before: unknown;
  after: unknown;
  /** What the two sides are. */
  names: readonly [string, string];
}

/** Two values compared line by line: side by side, on narrow screens one below the other. */
export function JsonDiff({ before, after, names }: Props) {
  const narrow = useMediaQuery((theme: Theme) => theme.breakpoints.down('md'));
  const rows = useMemo(() => diffRows(comparableText(before), comparableText(after)), [before, after]);
  if (rows.every((row) => row.kind === 'skipped')) {
    return <Typography color="text.secondary">No difference.</Typography>;
  }
  return (
    <Box
      role="region"
      aria-label={`Differences between ${names[0]} and ${names[1]}`}
      tabIndex={0}
      sx={{ overflowX: 'auto', border: 1, borderColor: 'divider', borderRadius: 1 }}
    >
      <Box
        component="table"
        sx={{
          width: '100%',
          borderCollapse: 'collapse',
          fontSize: 13,
          tableLayout: narrow ? 'auto' : 'fixed',
        }}
      >
        {!narrow && (
          <>
            <colgroup>
              <col style={{ width: '3em' }} />
              <col />
              <col style={{ width: '3em' }} />
              <col />
            </colgroup>
            <thead>
              <tr>
                {names.map((name) => (
                  <Box component="th" key={name} colSpan={2} sx={{ textAlign: 'left', px: 1, py: 0.5 }}>
                    {name}
                  </Box>
                ))}
              </tr>
            </thead>
          </>
        )}
        <Box component="tbody" sx={{ fontFamily: 'ui-monospace, monospace' }}>
          {rows.map((row, index) => (
            <Row key={index} row={row} narrow={narrow} />
          ))}
        </Box>
      </Box>
    </Box>
  );
}

function Row({ row, narrow }: { row: DiffRow; narrow: boolean }) {
  if (row.kind === 'skipped') {
    return (
      <tr>
        <Box
          component="td"
          colSpan={narrow ? 2 : 4}
          sx={{ px: 1, py: 0.25, color: 'text.secondary', bgcolor: 'action.hover', fontStyle: 'italic' }}
        >
          {row.count} lines alike
        </Box>
      </tr>
    );
  }
  const changed = row.kind === 'changed';
  if (!narrow) {
    return (
      <tr>
        <Cells cell={row.left} sign={changed && row.left ? '−' : ''} />
        <Cells cell={row.right} sign={changed && row.right ? '+' : ''} />
      </tr>
    );
  }
  return (
    <Fragment>
      {row.left && (
        <tr>
          <Cells cell={row.left} sign={changed ? '−' : ''} />
        </tr>
      )}
      {changed && row.right && (
        <tr>
          <Cells cell={row.right} sign="+" />
        </tr>
      )}
    </Fragment>
  );
}

const COLOURS = { '−': 'error', '+': 'success', '': undefined } as const;

function Cells({ cell, sign }: { cell: DiffRow['left']; sign: '−' | '+' | '' }) {
  const colour = COLOURS[sign];
  const background = (theme: Theme) =>
    colour ? `color-mix(in srgb, ${theme.palette[colour].main} 18%, transparent)` : 'transparent';
  return (
    <>
      <Box
        component="td"
        sx={{
          color: 'text.secondary',
          textAlign: 'right',
          px: 0.5,
          verticalAlign: 'top',
          bgcolor: background,
        }}
      >
        {cell?.number}
      </Box>
      <Box
        component="td"
        sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', px: 0.5, bgcolor: background }}
      >
        {sign} {cell?.text}
      </Box>
    </>
  );
}
