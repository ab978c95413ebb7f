import { describe, expect, it } from 'vitest';

import { graphOf } from '../workflow/graph';
import { runWith, stepWith } from './samples';
import { pathOfSteps } from './stepPath';

const graph = graphOf({
  StartAt: 'Validate',
  States: { Validate: { Type: 'Task', Next: 'Stage' }, Stage: { Type: 'Task', End: true } },
});

describe('pathOfSteps', () => {
  it('says by a run’s steps where it is', () => {
    const stage = stepWith(null, { status: 'RUNNING', ended_at: null });
    const path = pathOfSteps(graph, runWith({ steps: { validate: stepWith({}), stage } }));
    expect([...path.states.values()].map(({ name, progress }) => [name, progress])).toEqual([
      ['Validate', 'succeeded'],
      ['Stage', 'running'],
    ]);
    expect([...path.edges]).toEqual(['__start→Validate:next0', 'Validate→Stage:next0']);
  });

  it('comes to the end with a run that succeeded', () => {
    const run = runWith({
      status: 'SUCCEEDED',
      ended_at: 'x',
      steps: { validate: stepWith({}), stage: stepWith({}) },
    });
    expect(pathOfSteps(graph, run).edges).toContain('Stage→__end:next0');
  });
});
