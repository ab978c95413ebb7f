import { END, START, type Graph } from '../workflow/graph';
import type { Passed, Path, Progress } from '../workflow/path';
import type { Run, Step } from './job';

/**
 * The way of a run that has no history (yet), by its record: the worker stores a history only when the run ends. States
 * are called as the steps are, but for the first letter.
 */
export function pathOfSteps(graph: Graph, run: Run): Path {
  const states = new Map<string, Passed>();
  const edges = new Set<string>();
  let before: string | undefined;
  for (const [step, told] of Object.entries(run.steps)) {
    const node = graph.nodes.find(({ name }) => name.toLowerCase() === step);
    if (!node || told.status === 'PENDING' || !told.started_at) continue;
    states.set(node.name, passedOf(node.name, told, run));
    const from = before;
    const gone = graph.edges.find(
      (edge) =>
        edge.to === node.name &&
        edge.kind !== 'catch' &&
        (from ? edge.from === from : edge.from.endsWith(START)),
    );
    if (gone) edges.add(gone.id);
    before = node.name;
  }
  const last = before;
  if (run.status === 'SUCCEEDED' && last) {
    const end = graph.edges.find((edge) => edge.from === last && edge.to.endsWith(END));
    if (end) edges.add(end.id);
  }
  return { states, edges, ended: Boolean(run.ended_at) };
}

function passedOf(name: string, step: Step, run: Run): Passed {
  return {
    name,
    progress: progressOf(step, run),
    entered: 1,
    attempts: step.attempt + 1,
    enteredAt: step.started_at ?? '',
    exitedAt: step.ended_at ?? undefined,
    input: undefined,
    output: step.result ?? undefined,
    error: step.error ? { error: step.error.error, cause: step.error.message } : undefined,
    events: [],
  };
}

function progressOf(step: Step, run: Run): Progress {
  if (step.status === 'FAILED') return 'failed';
  if (step.status === 'RUNNING' || step.status === 'WAITING') return run.ended_at ? 'stopped' : 'running';
  return 'succeeded';
}
