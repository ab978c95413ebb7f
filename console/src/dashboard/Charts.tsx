import { Box, useTheme } from '@mui/material';

import { sizeText } from '../shared/formats';
import { Chart, type Series } from './charts/Chart';
import { bytesTop, secondsTop, wholeTop } from './charts/scale';
import { countText, sum, type Period } from './figures';
import { periodLabel, periodName, type Range } from './range';
import { secondsText } from './Tiles';

/** Throughput and latency over the range. */
export function Charts({ range, periods }: { range: Range; periods: readonly Period[] }) {
  const { palette } = useTheme();
  const times = {
    labels: periods.map(({ at }) => periodLabel(at, range.grain)),
    names: periods.map(({ at }) => periodName(at, range.grain)),
  };
  const grain = range.grain === 'hour' ? 'hour' : 'day (UTC)';
  const jobs = periods.reduce((all, period) => all + sum(period.jobs), 0);
  const bytes = periods.reduce((all, period) => all + period.bytes, 0);
  const ended: Series[] = [
    { name: 'Succeeded', color: palette.success.main, values: counts(periods, ['SUCCEEDED']) },
    { name: 'Failed', color: palette.error.main, values: counts(periods, ['FAILED']) },
    { name: 'Quarantined', color: palette.warning.main, values: counts(periods, ['QUARANTINED']) },
    { name: 'Other', color: palette.text.disabled, values: counts(periods, ['CANCELLED', 'DUPLICATE']) },
  ];
  const latencies: Series[] = [
    {
      name: 'p50',
      color: palette.info.main,
      values: periods.map(({ latency }) => latency?.p50_seconds ?? null),
    },
    {
      name: 'p95',
      color: palette.warning.main,
      values: periods.map(({ latency }) => latency?.p95_seconds ?? null),
      dash: '6 3',
    },
    {
      name: 'p99',
      color: palette.error.main,
      values: periods.map(({ latency }) => latency?.p99_seconds ?? null),
      dash: '2 3',
    },
  ];
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2,
        gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'repeat(3, minmax(0, 1fr))' },
      }}
    >
      <Chart
        {...times}
        kind="columns"
        title={`Jobs per ${grain}`}
        summary={`${countText(jobs)} jobs ended, by ${grain} and status`}
        series={ended.filter(({ name, values }) => name === 'Succeeded' || values.some(Boolean))}
        format={countText}
        top={wholeTop}
      />
      <Chart
        {...times}
        kind="columns"
        title={`Data per ${grain}`}
        summary={`${sizeText(bytes)} in files of jobs that ended, by ${grain}`}
        series={[{ name: 'All files', color: palette.info.main, values: periods.map((each) => each.bytes) }]}
        format={sizeText}
        top={bytesTop}
      />
      <Chart
        {...times}
        kind="lines"
        title={`Latency by ${grain}`}
        summary={`Time from a file's arrival to its end, by ${grain}: half, 95 % and 99 % of the files were faster`}
        series={latencies}
        format={secondsText}
        top={secondsTop}
      />
    </Box>
  );
}

type Status = keyof Period['jobs'];

function counts(periods: readonly Period[], statuses: readonly Status[]): number[] {
  return periods.map(({ jobs }) => statuses.reduce((all, status) => all + (jobs[status] ?? 0), 0));
}
