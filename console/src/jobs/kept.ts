import type { Kept, Run } from './job';

/** What the archive bucket keeps of a run's file, as far as its record says. */
export function keptOf(run: Run): Kept[] {
  const kept: Kept[] = [];
  const archived = run.steps.archive?.result ?? {};
  if (run.outcome?.quarantined) kept.push('quarantined');
  if (run.outcome?.stored) kept.push('duplicate');
  if (archived.original) kept.push('archived-original');
  if (archived.delivered) kept.push('archived-delivered');
  return kept;
}
