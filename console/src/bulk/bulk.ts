import type { components } from '../api/schema';
import type { Tone } from '../shared/StatusChip';

export type Bulk = components['schemas']['BulkAnswer'];
export type BulkJob = components['schemas']['BulkJobAnswer'];
export type BulkRecord = Bulk & { id: string };

const STATUSES: Record<Bulk['status'], { label: string; tone: Tone }> = {
  PLANNING: { label: 'Planning', tone: 'busy' },
  PLANNED: { label: 'Planned, not run', tone: 'info' },
  REFUSED: { label: 'Refused', tone: 'bad' },
  RUNNING: { label: 'Running', tone: 'busy' },
  DONE: { label: 'Done', tone: 'good' },
};

export function statusOf(bulk: Bulk): { label: string; tone: Tone } {
  if (bulk.status === 'DONE' && bulk.failed > 0)
    return { label: `Done, ${String(bulk.failed)} failed`, tone: 'warning' };
  return STATUSES[bulk.status];
}

/** Whether something happens to it by itself. */
export function moves(status: Bulk['status']): boolean {
  return status === 'PLANNING' || status === 'RUNNING';
}

/** From 0 to 100; undefined where it is not known. */
export function progressOf(bulk: Bulk): number | undefined {
  if (bulk.status !== 'RUNNING' && bulk.status !== 'DONE') return undefined;
  if (bulk.total === 0) return 100;
  return Math.min(100, ((bulk.done + bulk.failed + bulk.skipped) / bulk.total) * 100);
}
