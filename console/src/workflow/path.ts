import type { EdgeKind, Graph, GraphEdge } from './graph';
import { END, START } from './graph';

/** An event in the form of Step Functions' GetExecutionHistory; one field `…EventDetails` belongs to each type. */
export interface HistoryEvent extends Record<string, unknown> {
  id: number;
  previousEventId?: number;
  type: string;
  /** ISO 8601. */
  timestamp: string;
}

export type Progress = 'running' | 'succeeded' | 'failed' | 'caught' | 'stopped';

/** What became of one state: once entered it may be tried several times, and entered again. */
export interface Passed {
  name: string;
  progress: Progress;
  /** How often it was entered: iterations of a Map, or loops. */
  entered: number;
  /** How many tries its task had. */
  attempts: number;
  enteredAt: string;
  exitedAt: string | undefined;
  input: unknown;
  output: unknown;
  error: StateError | undefined;
  events: HistoryEvent[];
}

export interface StateError {
  error: string;
  cause: string;
}

export interface Path {
  /** In the order in which they were entered first. */
  states: Map<string, Passed>;
  /** Ids of the graph's edges that were gone. */
  edges: Set<string>;
  /** Whether the run is over. */
  ended: boolean;
}

const NOTHING: Path = { states: new Map(), edges: new Set(), ended: false };

/** The way that a run has taken through the graph, by its events in their order. */
export function pathOf(graph: Graph, history: readonly HistoryEvent[] | undefined): Path {
  if (!history || history.length === 0) return NOTHING;
  const walk = new Walk(graph);
  for (const event of history) walk.take(event);
  return walk.path();
}

class Walk {
  private readonly states = new Map<string, Passed>();
  private readonly edges = new Set<string>();
  /** The state that an event belongs to, by the event's id. */
  private readonly stateOf = new Map<number, string>();
  private last: string | undefined;
  private ended = false;

  constructor(private readonly graph: Graph) {}

  take(event: HistoryEvent): void {
    if (event.type.endsWith('StateEntered')) this.enter(event);
    else if (event.type.startsWith('Execution')) this.execution(event);
    else this.inside(event);
  }

  path(): Path {
    return { states: this.states, edges: this.edges, ended: this.ended };
  }

  private enter(event: HistoryEvent): void {
    const details = record(event.stateEnteredEventDetails);
    const name = String(details.name);
    const known = this.states.get(name);
    const before = this.before(event);
    this.go(before, name);
    this.states.set(name, {
      name,
      progress: 'running',
      entered: (known?.entered ?? 0) + 1,
      attempts: known?.attempts ?? 0,
      enteredAt: known?.enteredAt ?? event.timestamp,
      exitedAt: undefined,
      input: value(details.input),
      output: undefined,
      error: known?.error,
      events: [...(known?.events ?? []), event],
    });
    this.stateOf.set(event.id, name);
    this.last = name;
  }

  private inside(event: HistoryEvent): void {
    const details = record(event.stateExitedEventDetails);
    const name = details.name !== undefined ? String(details.name) : this.before(event);
    const state = name === undefined ? undefined : this.states.get(name);
    if (!state || name === undefined) return;
    this.stateOf.set(event.id, name);
    state.events.push(event);
    if (/^(Task|LambdaFunction|Activity)Scheduled$/.test(event.type)) this.attempt(state);
    const error = errorOf(event);
    if (error) {
      state.error = error;
      state.progress = 'failed';
    } else if (event.type.endsWith('StateExited')) {
      const caught = state.progress === 'failed';
      state.progress = caught ? 'caught' : 'succeeded';
      state.exitedAt = event.timestamp;
      state.output = value(details.output);
      this.last = name;
      const leaving = this.graph.edges.find((edge) => edge.from === name && edge.to.endsWith(END));
      if (leaving && !caught) this.edges.add(leaving.id);
    } else if (event.type.endsWith('Succeeded')) {
      state.progress = 'running';
    }
  }

  private attempt(state: Passed): void {
    state.attempts += 1;
    state.progress = 'running';
    if (state.attempts > state.entered) {
      const loop = this.graph.edges.find((edge) => edge.from === state.name && edge.kind === 'retry');
      if (loop) this.edges.add(loop.id);
    }
  }

  private execution(event: HistoryEvent): void {
    if (event.type === 'ExecutionStarted' || event.type === 'ExecutionRedriven') return;
    this.ended = true;
    const how = event.type === 'ExecutionAborted' ? 'stopped' : 'failed';
    for (const state of this.states.values()) {
      if (state.progress !== 'running') continue;
      state.progress = event.type === 'ExecutionSucceeded' ? 'succeeded' : how;
      state.exitedAt = event.timestamp;
      state.error = errorOf(event);
    }
  }

  /** Of which state the event before is; where ids of earlier events are missing, the order says it. */
  private before(event: HistoryEvent): string | undefined {
    const previous = event.previousEventId;
    return (previous ? this.stateOf.get(previous) : undefined) ?? this.last;
  }

  private go(from: string | undefined, to: string): void {
    const state = from === undefined ? undefined : this.states.get(from);
    const gone =
      (state && from !== undefined && this.between(from, to, state.progress === 'caught')) ??
      this.graph.edges.find((edge) => edge.to === to && edge.from.endsWith(START));
    if (gone) this.edges.add(gone.id);
  }

  private between(from: string, to: string, caught: boolean): GraphEdge | undefined {
    const kinds: EdgeKind[] = caught ? ['catch'] : ['next', 'choice', 'default'];
    return this.graph.edges.find((edge) => edge.from === from && edge.to === to && kinds.includes(edge.kind));
  }
}

/** What an event tells beside its type, without the parts that say nothing. */
export function detailsOf(event: HistoryEvent): Record<string, unknown> {
  const [, details] = Object.entries(event).find(([name]) => name.endsWith('EventDetails')) ?? [];
  const told = Object.entries(record(details)).filter(([name]) => !/^(input|output)Details$/.test(name));
  return Object.fromEntries(told.map(([name, inner]) => [name, value(inner)]));
}

function errorOf(event: HistoryEvent): StateError | undefined {
  if (!/(Failed|TimedOut|Aborted)$/.test(event.type)) return undefined;
  const details = detailsOf(event);
  return { error: String(details.error ?? event.type), cause: causeText(details.cause) };
}

/** Lambda's cause is JSON with a stack trace: only the message is for people. */
function causeText(cause: unknown): string {
  const message = record(cause).errorMessage;
  if (typeof message === 'string') return message;
  return typeof cause === 'string' ? cause : cause === undefined ? '' : JSON.stringify(cause);
}

function record(told: unknown): Record<string, unknown> {
  return typeof told === 'object' && told !== null ? (told as Record<string, unknown>) : {};
}

/** Inputs and outputs are JSON in a string. */
function value(told: unknown): unknown {
  if (typeof told !== 'string' || !/^[[{]/.test(told)) return told;
  try {
    return JSON.parse(told) as unknown;
  } catch {
    return told;
  }
}
