import { describe, expect, it } from 'vitest';

import type { AslMachine } from './asl';
import { graphOf } from './graph';
import { detailsOf, pathOf, type HistoryEvent } from './path';

const MACHINE: AslMachine = {
  StartAt: 'Work',
  States: {
    Work: {
      Type: 'Task',
      Retry: [{ ErrorEquals: ['TransientError'] }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Close' }],
      Next: 'More',
    },
    More: { Type: 'Task', Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Close' }], End: true },
    Close: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'Done' }], Default: 'Bad' },
    Done: { Type: 'Succeed' },
    Bad: { Type: 'Fail' },
  },
};
const graph = graphOf(MACHINE);

/** A history in short: `Type`, or `Type:state`, or `Type!Error`; ids are numbered, earlier ones only with `linked`. */
function history(texts: readonly string[], linked = true): HistoryEvent[] {
  return texts.map((text, index) => {
    const [type = '', state] = text.split(':');
    const [plain = '', error] = type.split('!');
    const timestamp = new Date(Date.UTC(2026, 10, 29, 12, 0, index)).toISOString();
    const event: HistoryEvent = { id: index + 1, type: plain, timestamp };
    if (linked) event.previousEventId = index;
    if (plain.endsWith('StateEntered')) event.stateEnteredEventDetails = { name: state, input: '{"in": 1}' };
    if (plain.endsWith('StateExited')) event.stateExitedEventDetails = { name: state, output: '{"out": 2}' };
    if (error)
      event.taskFailedEventDetails = { error, cause: '{"errorMessage": "in words", "stackTrace": []}' };
    return event;
  });
}

const CAUGHT = [
  'ExecutionStarted',
  'TaskStateEntered:Work',
  'TaskScheduled',
  'TaskFailed!TransientError',
  'TaskScheduled',
  'TaskFailed!ContentRefused',
  'TaskStateExited:Work',
  'ChoiceStateEntered:Close',
  'ChoiceStateExited:Close',
  'SucceedStateEntered:Done',
  'SucceedStateExited:Done',
  'ExecutionSucceeded',
];

describe('pathOf', () => {
  for (const linked of [true, false]) {
    it(`follows retries, a catch and a choice ${linked ? 'by ids of earlier events' : 'by the order alone'}`, () => {
      const path = pathOf(graph, history(CAUGHT, linked));
      expect([...path.states.keys()]).toEqual(['Work', 'Close', 'Done']);
      expect(path.states.get('Work')).toMatchObject({
        progress: 'caught',
        attempts: 2,
        error: { error: 'ContentRefused', cause: 'in words' },
        input: { in: 1 },
        output: { out: 2 },
      });
      expect(path.states.get('Done')?.progress).toBe('succeeded');
      expect([...path.edges].sort()).toEqual(
        [
          'Close→Done:choice0',
          'Done→__end:next0',
          'Work→Close:catch0',
          'Work→Work:retry0',
          '__start→Work:next0',
        ].sort(),
      );
      expect(path.ended).toBe(true);
    });
  }

  it('says where a run is now', () => {
    const path = pathOf(graph, history(CAUGHT.slice(0, 5)));
    expect(path.states.get('Work')).toMatchObject({ progress: 'running', attempts: 2, exitedAt: undefined });
    expect(path.ended).toBe(false);
  });

  it('gives a failed execution its failed state', () => {
    const path = pathOf(graph, history(['ExecutionStarted', 'FailStateEntered:Bad', 'ExecutionFailed']));
    expect(path.states.get('Bad')?.progress).toBe('failed');
  });

  it('shows an aborted execution as stopped', () => {
    const path = pathOf(graph, history(['ExecutionStarted', 'TaskStateEntered:Work', 'ExecutionAborted']));
    expect(path.states.get('Work')?.progress).toBe('stopped');
  });

  it('has gone nowhere without a history', () => {
    expect(pathOf(graph, undefined).states.size).toBe(0);
  });
});

describe('detailsOf', () => {
  it('reads JSON in strings and leaves out what says nothing', () => {
    const event = {
      id: 1,
      type: 'TaskSucceeded',
      timestamp: '',
      taskSucceededEventDetails: { output: '{"a":1}', outputDetails: {} },
    };
    expect(detailsOf(event)).toEqual({ output: { a: 1 } });
  });
});
