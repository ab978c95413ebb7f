import { between } from '../shared/formats';
import type { Run, Step } from './job';

/** A step as a bar: `from` and `share` are parts of the run's time, from 0 to 1. */
export interface Bar {
  name: string;
  step: Step;
  from: number;
  share: number;
  /** Milliseconds; undefined before it begins. */
  took: number | undefined;
  running: boolean;
}

/** The steps of a run on one axis of time, which begins with the run and ends with it, or now. */
export function barsOf(run: Run, now = Date.now()): { bars: Bar[]; total: number } {
  const begin = Date.parse(run.started_at ?? '') || now;
  const end = run.ended_at ? Date.parse(run.ended_at) : now;
  const lasts = Object.values(run.steps).map((step) => (step.ended_at ? Date.parse(step.ended_at) : 0));
  const total = Math.max(1, Math.max(end, ...lasts) - begin);
  const bars = Object.entries(run.steps).map(([name, step]) => barOf(name, step, begin, total, run, now));
  return { bars, total };
}

function barOf(name: string, step: Step, begin: number, total: number, run: Run, now: number): Bar {
  const running = (step.status === 'RUNNING' || step.status === 'WAITING') && !run.ended_at;
  // A step that a run's end has cut off has no end of its own.
  const took = between(step.started_at, step.ended_at ?? run.ended_at, now);
  const from = step.started_at ? (Date.parse(step.started_at) - begin) / total : 0;
  return { name, step, running, took, from: part(from), share: part((took ?? 0) / total) };
}

function part(value: number): number {
  return Math.min(1, Math.max(0, value));
}
