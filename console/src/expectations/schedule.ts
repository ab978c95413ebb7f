import type { Schema } from '../api/types';

type Expectation = Schema<'ExpectationAnswer'>;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** When files are due, in a line: `06:00 mon–fri, Europe/Berlin`. */
export function scheduleText(schedule: Expectation['schedule'], zone: string): string {
  const when = schedule.kind === 'cron' ? schedule.cron : `${schedule.at} ${daysText(schedule.days ?? DAYS)}`;
  return `${when}, ${zone}`;
}

function daysText(days: readonly string[]): string {
  const at = DAYS.map((day, index) => (days.includes(day) ? index : -1)).filter((index) => index >= 0);
  const [first = 0] = at;
  const last = at[at.length - 1] ?? 0;
  if (at.length === 7) return 'every day';
  if (at.length > 2 && last - first + 1 === at.length) return `${DAYS[first] ?? ''}–${DAYS[last] ?? ''}`;
  return at.map((index) => DAYS[index]).join(', ');
}

/** Which files are expected, in a line. */
export function whichText({
  route,
  user,
  glob,
  min_count,
}: Pick<Expectation, 'route' | 'user' | 'glob' | 'min_count'>) {
  const parts = [glob, route && `by route ${route}`, user && `of ${user}`].filter(Boolean).join(' ');
  return `${String(min_count ?? 1)} × ${parts || 'any file'}`;
}
