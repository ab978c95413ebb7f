import { describe, expect, it } from 'vitest';

import { runWith, stepWith } from './samples';
import { barsOf } from './timeline';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 29, 12, 0, seconds)).toISOString();
const PENDING = { status: 'PENDING', started_at: null, ended_at: null } as const;

describe('barsOf', () => {
  it('lays the steps of a run that is over on its time', () => {
    const steps = {
      validate: stepWith({}, { started_at: at(0), ended_at: at(2) }),
      stage: stepWith({}, { started_at: at(5), ended_at: at(10) }),
      deliver: stepWith(null, PENDING),
    };
    const { bars, total } = barsOf(runWith({ started_at: at(0), ended_at: at(10), steps }));
    expect(total).toBe(10_000);
    expect(bars.map(({ from, share, took }) => [from, share, took])).toEqual([
      [0, 0.2, 2000],
      [0.5, 0.5, 5000],
      [0, 0, undefined],
    ]);
  });

  it('lets a step that runs grow until now', () => {
    const steps = { validate: stepWith(null, { status: 'RUNNING', started_at: at(0), ended_at: null }) };
    const { bars } = barsOf(runWith({ started_at: at(0), steps }), Date.parse(at(4)));
    expect(bars[0]).toMatchObject({ running: true, took: 4000, share: 1 });
  });

  it('ends a step with the run that was broken off', () => {
    const steps = { validate: stepWith(null, { status: 'RUNNING', started_at: at(0), ended_at: null }) };
    const { bars } = barsOf(runWith({ started_at: at(0), ended_at: at(3), steps }), Date.parse(at(60)));
    expect(bars[0]).toMatchObject({ running: false, took: 3000 });
  });
});
