import {
  Box,
  Button,
  Card,
  Table,
  TableBody,
  TableCell,
  TableContainer,
  TableHead,
  TableRow,
  Typography,
} from '@mui/material';
import { useId, useState } from 'react';

import { HEIGHT, Plot } from './Plot';
import { useWidth } from './useWidth';

export interface Series {
  name: string;
  color: string;
  /** One a label; null where there is none. */
  values: readonly (number | null)[];
  dash?: string;
}

export interface ChartData {
  title: string;
  /** What the chart shows, in a sentence, for who does not see it. */
  summary: string;
  kind: 'columns' | 'lines';
  /** Below the chart. */
  labels: readonly string[];
  /** The same in full, in the table and when one is pointed at. */
  names: readonly string[];
  series: readonly Series[];
  format: (value: number) => string;
  top: (largest: number) => number;
}

/** A chart with its legend, and the same as a table on demand. */
export function Chart(data: ChartData) {
  const [asTable, setAsTable] = useState(false);
  const [pointed, setPointed] = useState<number>();
  const [watch, width] = useWidth();
  const heading = useId();
  const largest = Math.max(0, ...totals(data));
  const top = data.top(largest);
  return (
    <Card variant="outlined" component="section" aria-labelledby={heading} sx={{ p: 2, minWidth: 0 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1, mb: 1 }}>
        <Typography id={heading} component="h2" variant="subtitle1" sx={{ fontWeight: 600, flex: 1 }}>
          {data.title}
        </Typography>
        <Button
          size="small"
          aria-label={`${data.title}: show as ${asTable ? 'chart' : 'table'}`}
          onClick={() => {
            setAsTable(!asTable);
          }}
        >
          {asTable ? 'Chart' : 'Table'}
        </Button>
      </Box>
      {asTable ? (
        <Numbers {...data} />
      ) : (
        <>
          <Box ref={watch} sx={{ height: HEIGHT, overflow: 'hidden' }}>
            {width > 0 && <Plot data={data} top={top} width={width} pointed={pointed} onPoint={setPointed} />}
          </Box>
          <Legend data={data} pointed={pointed} />
        </>
      )}
    </Card>
  );
}

function totals({ kind, labels, series }: ChartData): number[] {
  if (kind === 'lines') return series.flatMap(({ values }) => values.map((value) => value ?? 0));
  return labels.map((_, index) => series.reduce((all, { values }) => all + (values[index] ?? 0), 0));
}

/** What the colours mean, and the numbers of what is pointed at. */
function Legend({ data, pointed }: { data: ChartData; pointed: number | undefined }) {
  return (
    <Box
      sx={{
        display: 'flex',
        flexWrap: 'wrap',
        columnGap: 2,
        minHeight: 22,
        mt: 0.5,
        color: 'text.secondary',
      }}
    >
      {data.series.map(({ name, color, values }) => (
        <Typography key={name} variant="caption" sx={{ display: 'flex', alignItems: 'center', gap: 0.75 }}>
          <Box component="span" sx={{ width: 10, height: 10, borderRadius: 0.5, bgcolor: color }} />
          {name}
          {pointed !== undefined && <strong>{textOf(values[pointed], data.format)}</strong>}
        </Typography>
      ))}
      {pointed !== undefined && (
        <Typography variant="caption" sx={{ ml: 'auto' }}>
          {data.names[pointed]}
        </Typography>
      )}
    </Box>
  );
}

function Numbers({ title, names, series, format }: ChartData) {
  return (
    <TableContainer
      sx={{ maxHeight: HEIGHT + 26 }}
      tabIndex={0}
      role="region"
      aria-label={`${title}: numbers`}
    >
      <Table size="small" stickyHeader>
        <TableHead>
          <TableRow>
            <TableCell>Period</TableCell>
            {series.map(({ name }) => (
              <TableCell key={name} align="right">
                {name}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {names.map((name, index) => (
            <TableRow key={name}>
              <TableCell component="th" scope="row">
                {name}
              </TableCell>
              {series.map(({ name: of, values }) => (
                <TableCell key={of} align="right">
                  {textOf(values[index], format)}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function textOf(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '–' : format(value);
}
