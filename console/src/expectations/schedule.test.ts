import { expect, it } from 'vitest';

import { scheduleText, whichText } from './schedule';

it('tells days as a range where they are one', () => {
  const daily = { kind: 'daily' as const, at: '06:00' };
  expect(scheduleText({ ...daily, days: ['mon', 'tue', 'wed', 'thu', 'fri'] }, 'Europe/Berlin')).toBe(
    '06:00 mon–fri, Europe/Berlin',
  );
  expect(scheduleText({ ...daily, days: ['sat', 'mon'] }, 'UTC')).toBe('06:00 mon, sat, UTC');
  expect(scheduleText({ kind: 'cron', cron: '0 6 1 * *' }, 'UTC')).toBe('0 6 1 * *, UTC');
});

it('tells which files are meant', () => {
  expect(whichText({ route: 'orders', user: null, glob: null, min_count: 2 })).toBe('2 × by route orders');
  expect(whichText({ route: null, user: null, glob: null, min_count: 1 })).toBe('1 × any file');
});
