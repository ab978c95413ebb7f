import { describe, expect, it } from 'vitest';

import { conditionText, type AslMachine } from './asl';
import { graphOf } from './graph';

const MACHINE: AslMachine = {
  StartAt: 'Work',
  States: {
    Work: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Retry: [{ ErrorEquals: ['A'] }, { ErrorEquals: ['B'] }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Fan' }],
      Next: 'Which',
    },
    Which: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.n > 1 %}', Next: 'Fan' }],
      Default: 'Each',
    },
    Fan: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'Left', States: { Left: { Type: 'Pass', End: true } } },
        { StartAt: 'Right', States: { Right: { Type: 'Fail' } } },
      ],
      End: true,
    },
    Each: {
      Type: 'Map',
      ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
      End: true,
    },
  },
};

describe('graphOf', () => {
  const graph = graphOf(MACHINE);
  const edges = graph.edges.map(({ from, to, kind, label }) =>
    [from, kind, to, label].filter(Boolean).join(' '),
  );

  it('tells the kinds of edges from each other', () => {
    expect(edges).toContain('Work next Which');
    expect(edges).toContain('Work retry Work 2 retries');
    expect(edges).toContain('Work catch Fan any error');
    expect(edges).toContain('Which choice Fan $states.input.n > 1');
    expect(edges).toContain('Which default Each otherwise');
    expect(edges).toContain('Fan next __end');
  });

  it('draws branches of Parallel and the states of Map inside their group', () => {
    const parents = Object.fromEntries(graph.nodes.map(({ id, parent }) => [id, parent]));
    expect(parents).toMatchObject({
      Left: 'Fan/0',
      Right: 'Fan/1',
      'Fan/0': 'Fan',
      One: 'Each',
      'Each/0/__start': 'Each',
      'Fan/1/__end': 'Fan/1',
    });
    expect(edges).toContain('Right next Fan/1/__end');
  });

  it('names a parent before its children, as React Flow demands', () => {
    const seen = new Set<string>();
    for (const { id, parent } of graph.nodes) {
      if (parent) expect(seen).toContain(parent);
      seen.add(id);
    }
  });

  it('has ids of edges that differ', () => {
    expect(new Set(graph.edges.map(({ id }) => id)).size).toBe(graph.edges.length);
  });
});

describe('conditionText', () => {
  it('shows JSONata as it stands and JSONPath as an expression', () => {
    expect(conditionText({ Condition: '{% $x = 1 %}' })).toBe('$x = 1');
    expect(conditionText({ Variable: '$.n', NumericGreaterThan: 3, Next: 'A' })).toBe(
      '$.n NumericGreaterThan 3',
    );
    expect(
      conditionText({
        And: [{ Variable: '$.a', IsNull: true }, { Not: { Variable: '$.b', IsPresent: true } }],
      }),
    ).toBe('$.a IsNull true and not ($.b IsPresent true)');
  });
});
