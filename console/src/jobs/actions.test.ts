import { describe, expect, it } from 'vitest';

import { bodyOf, courseOf, possibleActions } from './actions';
import { jobWith } from './samples';

describe('possibleActions', () => {
  const cases = [
    ['RUNNING', ['cancel']],
    ['SUCCEEDED', ['replay']],
    ['DUPLICATE', ['replay']],
    ['FAILED', ['redrive', 'retry', 'replay']],
    ['CANCELLED', ['redrive', 'retry', 'replay']],
    ['QUARANTINED', ['release', 'reject', 'replay']],
  ] as const;
  for (const [status, actions] of cases) {
    it(`are ${actions.join(', ')} of a job that is ${status}`, () => {
      expect(possibleActions(jobWith({ status }))).toEqual(actions);
    });
  }

  it('are none of a file that was refused for good', () => {
    expect(possibleActions(jobWith({ status: 'QUARANTINED', rejected_at: '2026-11-29T12:00:00Z' }))).toEqual(
      [],
    );
  });
});

describe('courseOf', () => {
  it('says what would happen', () => {
    const job = jobWith({ status: 'FAILED', run: 2 });
    expect(courseOf(job, { action: 'retry' }).plan).toBe(
      'Run 3 begins from the start, with revision 3 of orders.',
    );
  });

  it('says why not, and what instead', () => {
    const job = jobWith({ status: 'SUCCEEDED' });
    expect(courseOf(job, { action: 'redrive' })).toEqual({
      possible: false,
      plan: 'It is succeeded: replay it.',
    });
  });

  it('has no original revision of a file that no route took', () => {
    const job = jobWith({ status: 'QUARANTINED', revision: 0, route: 'none' });
    expect(courseOf(job, { action: 'replay', revision: 'original' }).possible).toBe(false);
    expect(courseOf(job, { action: 'replay', revision: 'current' }).possible).toBe(true);
  });
});

describe('bodyOf', () => {
  it('asks only for what the action knows', () => {
    expect(bodyOf({ action: 'cancel', revision: 'current' }, 'why')).toEqual({ comment: 'why' });
    expect(bodyOf({ action: 'replay' }, '')).toEqual({ comment: '', revision: 'original' });
    expect(bodyOf({ action: 'release', acceptViolations: true, route: 'files' }, 'so')).toEqual({
      comment: 'so',
      accept_violations: true,
      route: 'files',
    });
  });
});
