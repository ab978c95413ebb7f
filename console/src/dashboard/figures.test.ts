import { describe, expect, it } from 'vitest';

import { percentText, series, successRate } from './figures';

describe('figures', () => {
  it('count no duplicates and cancelled jobs as failures', () => {
    expect(successRate({ SUCCEEDED: 3, FAILED: 1, DUPLICATE: 5, CANCELLED: 2 })).toBe(0.75);
    expect(successRate({ DUPLICATE: 1 })).toBeUndefined();
  });

  it('say 100 % only when nothing failed', () => {
    expect(percentText(1)).toBe('100 %');
    expect(percentText(0.99999)).toBe('99.9 %');
  });

  it('have a place for hours in which nothing ended', () => {
    const range = {
      name: 'custom',
      grain: 'hour',
      since: new Date('2026-11-29T10:00:00Z'),
      until: new Date('2026-11-29T12:30:00Z'),
    } as const;
    const found = {
      since: '2026-11-29T11:00:00Z',
      route: null,
      jobs: { SUCCEEDED: 2 },
      bytes: { SUCCEEDED: 7 },
      latency: null,
    };
    expect(series(range, [found]).map(({ bytes }) => bytes)).toEqual([0, 7, 0]);
  });
});
