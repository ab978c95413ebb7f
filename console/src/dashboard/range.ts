/** Time ranges of the dashboard; which one is shown stands in the address. */

export const RANGES = ['today', '24h', '7d', '30d', 'custom'] as const;
export type RangeName = (typeof RANGES)[number];

export const RANGE_LABELS: Record<RangeName, string> = {
  today: 'Today',
  '24h': '24 hours',
  '7d': '7 days',
  '30d': '30 days',
  custom: 'Custom',
};

export type Grain = 'hour' | 'day';

export interface Range {
  name: RangeName;
  since: Date;
  /** Not included; "now" for all but custom ranges. */
  until: Date;
  /** What the charts divide the range into. */
  grain: Grain;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Up to this the API adds up whole hours, and beyond it whole days (UTC). */
const BY_HOURS = 2 * DAY;
/** What one request may be about. */
const LONGEST = 400 * DAY;

export function isRangeName(text: string | null): text is RangeName {
  return (RANGES as readonly (string | null)[]).includes(text);
}

/** The range that an address asks for; a custom one without sense is told as an error for its reader. */
export function rangeOf(query: URLSearchParams, now: Date): Range | { error: string } {
  const asked = query.get('range');
  const name = isRangeName(asked) ? asked : '24h';
  if (name === 'custom') return custom(query);
  const since = {
    today: midnight(now),
    '24h': hourOf(new Date(now.getTime() - DAY + HOUR)),
    '7d': dayOf(new Date(now.getTime() - 6 * DAY)),
    '30d': dayOf(new Date(now.getTime() - 29 * DAY)),
  }[name];
  return { name, since, until: now, grain: name === '7d' || name === '30d' ? 'day' : 'hour' };
}

function custom(query: URLSearchParams): Range | { error: string } {
  const since = new Date(query.get('since') ?? '');
  const until = new Date(query.get('until') ?? '');
  if (Number.isNaN(since.getTime()) || Number.isNaN(until.getTime())) {
    return { error: 'Choose the begin and the end of the time to show.' };
  }
  const length = until.getTime() - since.getTime();
  if (length <= 0) return { error: 'The begin must be before the end.' };
  if (length > LONGEST) return { error: 'At most 400 days can be shown at once.' };
  const grain = until.getTime() - hourOf(since).getTime() <= BY_HOURS ? 'hour' : 'day';
  return { name: 'custom', since: begin(since, grain), until, grain };
}

function begin(at: Date, grain: Grain): Date {
  return grain === 'hour' ? hourOf(at) : dayOf(at);
}

/** The hour or day, as UTC has it, in which a moment is. */
export function hourOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / HOUR) * HOUR);
}

export function dayOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / DAY) * DAY);
}

function midnight(now: Date): Date {
  const begin = new Date(now);
  begin.setHours(0, 0, 0, 0);
  // Where the zone is off by half an hour, the hour that midnight is in.
  return hourOf(begin);
}

/** Begins of all hours or days of a range: those in which nothing ended are left out by the API. */
export function periodsOf({ since, until, grain }: Pick<Range, 'since' | 'until' | 'grain'>): Date[] {
  const step = grain === 'hour' ? HOUR : DAY;
  const found: Date[] = [];
  for (let at = begin(since, grain).getTime(); at < until.getTime(); at += step) found.push(new Date(at));
  return found;
}

/** The name of a period below a chart; days are UTC's, hours the viewer's. */
export function periodLabel(at: Date, grain: Grain): string {
  return grain === 'hour' ? HOURS.format(at) : DAYS.format(at);
}

const HOURS = new Intl.DateTimeFormat(undefined, { hour: 'numeric' });
const DAYS = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** The same with all that tells it apart, for a table. */
export function periodName(at: Date, grain: Grain): string {
  return grain === 'hour' ? HOURS_LONG.format(at) : `${DAYS_LONG.format(at)} (UTC)`;
}

const HOURS_LONG = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const DAYS_LONG = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  timeZone: 'UTC',
});
