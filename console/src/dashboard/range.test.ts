import { describe, expect, it } from 'vitest';

import { periodsOf, rangeOf, type Range } from './range';

const NOW = new Date('2026-11-29T14:20:00Z');

function range(query: string): Range {
  const found = rangeOf(new URLSearchParams(query), NOW);
  if ('error' in found) throw new Error(found.error);
  return found;
}

describe('the range in the address', () => {
  it('is the last 24 hours by default, also for a name that there is not', () => {
    expect(periodsOf(range(''))).toHaveLength(24);
    expect(range('range=forever').name).toBe('24h');
  });

  it('counts today among seven days', () => {
    const days = periodsOf(range('range=7d'));
    expect(days).toHaveLength(7);
    expect(days.at(-1)?.toISOString()).toBe('2026-11-29T00:00:00.000Z');
  });

  it('is divided into hours up to two days, as the API adds up', () => {
    const custom = 'range=custom&since=2026-11-27T00:00:00Z&until=';
    expect(range(`${custom}2026-11-29T00:00:00Z`).grain).toBe('hour');
    expect(range(`${custom}2026-11-29T00:01:00Z`).grain).toBe('day');
  });

  it.each(['', '&since=2026-11-02&until=2026-11-01', '&since=2020-01-01&until=2026-01-01'])(
    'says what is wrong with custom times: %s',
    (times) => {
      expect(rangeOf(new URLSearchParams(`range=custom${times}`), NOW)).toHaveProperty('error');
    },
  );
});
