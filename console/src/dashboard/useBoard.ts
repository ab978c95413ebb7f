import type { components } from '../api/schema';
import type { Job } from './Failures';
import type { Statistics } from './figures';
import type { Range } from './range';
import { useLive } from '../shared/useLive';
import { EVERY, useAll } from './useStatistics';

type Backlog = components['schemas']['BacklogAnswer'];
type Window = components['schemas']['Window'];
interface Listing<T> {
  items: T[];
  cursor: string | null;
}

/** All that the dashboard shows of one range and route. */
export interface Board {
  /** Whether there is anything to show; what is missing is told by `error`. */
  known: boolean;
  /** No file ever came to this tenant. */
  isNew: boolean;
  error: unknown;
  again: () => void;
  updatedAt: number;
  total: Statistics | undefined;
  routes: Statistics[];
  periods: Statistics[];
  backlog: Backlog | undefined;
  missed: Window[] | undefined;
  failures: Job[];
}

/** Failures that are listed; who wants more opens the list of jobs. */
const FAILURES = 6;
const MISSED = 200;

export function useBoard(range: Range, route: string): Board {
  const times = {
    since: range.since.toISOString(),
    until: range.name === 'custom' ? range.until.toISOString() : undefined,
  };
  const one = route || undefined;
  const together = one ? 'route' : 'tenant';
  const totals = { ...times, grain: 'total', limit: 200 };
  const routes = useAll<Statistics>('readStatistics', { ...totals, by: 'route' });
  const all = useAll<Statistics>('readStatistics', { ...totals, by: 'tenant' }, !one);
  const periods = useAll<Statistics>('readStatistics', {
    ...times,
    grain: range.grain,
    by: together,
    route: one,
    limit: 200,
  });
  const backlog = useLive<Backlog>('readTenantBacklog', {}, { every: EVERY });
  const missed = useLive<Listing<Window>>(
    'listMissedWindows',
    { query: { limit: MISSED } },
    { every: EVERY },
  );
  const wrong = { ...times, route: one, limit: FAILURES };
  const failed = useLive<Listing<Job>>(
    'listJobs',
    { query: { ...wrong, status: 'FAILED' } },
    { every: EVERY },
  );
  const quarantined = useLive<Listing<Job>>(
    'listJobs',
    { query: { ...wrong, status: 'QUARANTINED' } },
    { every: EVERY },
  );
  const ended = one ? routes.data?.filter((each) => each.route === one) : all.data;
  // Only where nothing ended it matters whether anything ever came.
  const any = useLive<Listing<Job>>(
    'listJobs',
    { query: { limit: 1 } },
    { every: EVERY, enabled: ended?.length === 0 },
  );

  const asked = [routes, all, periods, backlog, missed, failed, quarantined, any];
  return {
    known: ended !== undefined && periods.data !== undefined && (ended.length > 0 || any.data !== undefined),
    isNew: ended?.length === 0 && any.data?.items.length === 0,
    error: asked.find(({ error }) => error !== null)?.error ?? null,
    again: () => {
      for (const each of asked) void each.refetch();
    },
    updatedAt: Math.max(...asked.map(({ dataUpdatedAt }) => dataUpdatedAt)),
    total: ended?.[0],
    routes: routes.data ?? [],
    periods: periods.data ?? [],
    backlog: backlog.data,
    missed: missed.data?.items.filter((window) => within(window, range, route)),
    failures: latest([...(failed.data?.items ?? []), ...(quarantined.data?.items ?? [])]),
  };
}

function within({ deadline, route }: Window, range: Range, only: string): boolean {
  const at = Date.parse(deadline);
  const ended = range.name !== 'custom' || at < range.until.getTime();
  return at >= range.since.getTime() && ended && (!only || route === only);
}

function latest(jobs: Job[]): Job[] {
  return jobs.sort((a, b) => b.created_at.localeCompare(a.created_at)).slice(0, FAILURES);
}
