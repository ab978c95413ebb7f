import type { components } from '../api/schema';
import type { JobStatus } from '../shared/JobStatusChip';
import { periodsOf, type Range } from './range';

export type Statistics = components['schemas']['StatisticsAnswer'];
type Counts = Partial<Record<JobStatus, number>>;

/** What one hour or day of a chart shows. */
export interface Period {
  at: Date;
  jobs: Counts;
  bytes: number;
  latency: Statistics['latency'];
}

export function sum(counts: Counts): number {
  return Object.values(counts).reduce((all, each) => all + each, 0);
}

/**
 * The share of files that got through among those that were meant to: who sends the same again or has a job
 * cancelled did not meet a failure. Undefined where nothing ended.
 */
export function successRate(jobs: Counts): number | undefined {
  const succeeded = jobs.SUCCEEDED ?? 0;
  const all = succeeded + (jobs.FAILED ?? 0) + (jobs.QUARANTINED ?? 0);
  return all > 0 ? succeeded / all : undefined;
}

/** All periods of a range in their order, also those in which nothing ended. */
export function series(range: Range, found: readonly Statistics[]): Period[] {
  const byBegin = new Map(found.map((each) => [Date.parse(each.since), each]));
  return periodsOf(range).map((at) => {
    const counted = byBegin.get(at.getTime());
    return {
      at,
      jobs: counted?.jobs ?? {},
      bytes: sum(counted?.bytes ?? {}),
      latency: counted?.latency ?? null,
    };
  });
}

export function percentText(share: number): string {
  if (share === 1) return '100 %';
  // Never "100 %" when something failed.
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}

const COUNTS = new Intl.NumberFormat();

export function countText(count: number): string {
  return COUNTS.format(count);
}

/** Jobs per hour or day, with as many digits as tell something. */
export function rateText(count: number, periods: number): string {
  const rate = count / Math.max(1, periods);
  return rate >= 10 || Number.isInteger(rate) ? countText(Math.round(rate)) : rate.toFixed(1);
}
