import type { components } from '../api/schema';

/** What the API can filter jobs by; times are ISO 8601. */
export interface JobFilter {
  status?: components['schemas']['JobStatus'];
  route?: string;
  since?: string;
  until?: string;
  filename?: string;
}

export interface Preset {
  name: string;
  filter: () => JobFilter;
}

/** Filters that everybody needs, beside those that a viewer has saved. */
export const PRESETS: readonly Preset[] = [
  { name: 'Failed in the last 24 hours', filter: () => ({ status: 'FAILED', since: hoursAgo(24) }) },
  { name: 'Running now', filter: () => ({ status: 'RUNNING' }) },
  { name: 'Received and not begun', filter: () => ({ status: 'RECEIVED' }) },
  { name: 'Today', filter: () => ({ since: today() }) },
];

function hoursAgo(hours: number): string {
  return new Date(Date.now() - hours * 3_600_000).toISOString();
}

function today(): string {
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  return midnight.toISOString();
}

/** A filter in words: `failed, of route orders, since Nov 29, 2026, 12:00 AM`. */
export function filterText(filter: { [name in keyof JobFilter]?: string | null }): string {
  const parts = [
    filter.status && filter.status.toLowerCase(),
    filter.route && `of route ${filter.route}`,
    filter.filename && `named ${filter.filename}…`,
    filter.since && `received since ${timeText(filter.since)}`,
    filter.until && `received before ${timeText(filter.until)}`,
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : 'all jobs';
}

function timeText(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Only what the API knows of what is in the address. */
export function asJobFilter(values: Readonly<Record<string, unknown>>): JobFilter {
  const names = ['status', 'route', 'since', 'until', 'filename'] as const;
  return Object.fromEntries(
    names
      .filter((name) => typeof values[name] === 'string' && values[name] !== '')
      .map((name) => [name, values[name]]),
  );
}
