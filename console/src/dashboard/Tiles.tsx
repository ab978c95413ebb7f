import { Box, Link } from '@mui/material';
import { Link as RouterLink } from 'react-router-dom';
import { useCreatePath } from 'react-admin';

import type { components } from '../api/schema';
import { between, durationText, sizeText } from '../shared/formats';
import { countText, percentText, rateText, successRate, sum, type Statistics } from './figures';
import { periodsOf, type Range } from './range';
import { Tile } from './Tile';

type Backlog = components['schemas']['BacklogAnswer'];
type Window = components['schemas']['Window'];

interface Props {
  range: Range;
  total: Statistics | undefined;
  backlog: Backlog | undefined;
  missed: readonly Window[] | undefined;
}

/** The numbers that say whether it is moving. */
export function Tiles({ range, total, backlog, missed }: Props) {
  return (
    <Box
      sx={{
        display: 'grid',
        gap: 2,
        gridTemplateColumns: { xs: '1fr 1fr', md: 'repeat(4, minmax(0, 1fr))' },
      }}
    >
      <Throughput range={range} total={total} />
      <Success total={total} />
      <Latency total={total} />
      <Open backlog={backlog} />
      <Volume range={range} total={total} />
      <Missed missed={missed} />
      <Oldest backlog={backlog} />
    </Box>
  );
}

type Totalled = Pick<Props, 'range' | 'total'>;

function Throughput({ range, total }: Totalled) {
  const jobs = sum(total?.jobs ?? {});
  return (
    <Tile
      title="Jobs ended"
      value={countText(jobs)}
      detail={`${rateText(jobs, periodsOf(range).length)} per ${range.grain}`}
    />
  );
}

function Volume({ range, total }: Totalled) {
  const bytes = sum(total?.bytes ?? {});
  const rate = Math.round(bytes / Math.max(1, periodsOf(range).length));
  return <Tile title="Data" value={sizeText(bytes)} detail={`${sizeText(rate)} per ${range.grain}`} />;
}

function Success({ total }: Pick<Props, 'total'>) {
  const jobs = total?.jobs ?? {};
  const rate = successRate(jobs);
  const lost = (jobs.FAILED ?? 0) + (jobs.QUARANTINED ?? 0);
  const detail = `${countText(jobs.FAILED ?? 0)} failed, ${countText(jobs.QUARANTINED ?? 0)} quarantined`;
  return (
    <Tile
      title="Success rate"
      value={rate === undefined ? '–' : percentText(rate)}
      detail={rate === undefined ? 'Nothing ended' : detail}
      tone={rate === undefined ? 'plain' : lost === 0 ? 'good' : rate < 0.9 ? 'bad' : 'plain'}
    />
  );
}

function Latency({ total }: Pick<Props, 'total'>) {
  const latency = total?.latency;
  if (!latency) return <Tile title="Latency" value="–" detail="No file was delivered" />;
  return (
    <Tile
      title="Latency, p50"
      value={secondsText(latency.p50_seconds)}
      detail={`p95 ${secondsText(latency.p95_seconds)}, p99 ${secondsText(latency.p99_seconds)}`}
    />
  );
}

function Open({ backlog }: Pick<Props, 'backlog'>) {
  if (!backlog) return <Tile title="Backlog" value="–" />;
  const waiting = sum(backlog.waiting as Record<string, number>);
  const open = backlog.received + waiting + backlog.running;
  const parts = [
    `${countText(backlog.running)} running`,
    ...Object.entries(backlog.waiting).map(([what, count]) => `${countText(count)} waiting for ${what}`),
    ...(backlog.received ? [`${countText(backlog.received)} about to start`] : []),
  ];
  return (
    <Tile
      title="Backlog"
      value={`${backlog.complete ? '' : 'over '}${countText(open)}`}
      detail={open === 0 ? 'Nothing is open' : parts.join(', ')}
    />
  );
}

function Oldest({ backlog }: Pick<Props, 'backlog'>) {
  const path = useCreatePath();
  const job = backlog?.oldest_waiting ?? backlog?.oldest;
  const title = backlog?.oldest_waiting ? 'Oldest waiting file' : 'Oldest open file';
  if (!job) return <Tile wide title="Oldest waiting file" value="–" detail="No file waits" />;
  return (
    <Tile
      wide
      title={title}
      value={durationText(between(job.created_at, undefined) ?? 0)}
      detail={
        <Link
          component={RouterLink}
          to={path({ resource: 'jobs', type: 'show', id: job.job_id })}
          sx={{ overflowWrap: 'anywhere' }}
        >
          {job.filename}
        </Link>
      }
    />
  );
}

function Missed({ missed }: Pick<Props, 'missed'>) {
  if (!missed) return <Tile title="Expectations missed" value="–" />;
  const missing = missed.filter(({ status }) => status === 'MISSING').length;
  const late = missed.length - missing;
  return (
    <Tile
      title="Expectations missed"
      value={countText(missed.length)}
      detail={
        missed.length === 0
          ? 'Every file came in time'
          : `${countText(missing)} missing, ${countText(late)} late`
      }
      tone={missing > 0 ? 'bad' : 'plain'}
    />
  );
}

export function secondsText(seconds: number): string {
  return durationText(seconds * 1000);
}
