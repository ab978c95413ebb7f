import type { Schema } from '../api/types';

export type Entry = Schema<'AuditEntry'>;

/** What the viewer looks for; empty: all. */
export interface AuditFilter {
  text: string;
  operation: string;
  outcome: '' | 'done' | 'refused';
}

/** Entries that fit the filter: the text stands in caller, operation, target or details. */
export function matching(entries: readonly Entry[], { text, operation, outcome }: AuditFilter): Entry[] {
  const wanted = text.trim().toLowerCase();
  return entries.filter(
    (entry) =>
      (operation === '' || entry.operation === operation) &&
      (outcome === '' || (outcome === 'refused') === entry.status >= 400) &&
      (wanted === '' || searched(entry).includes(wanted)),
  );
}

function searched(entry: Entry): string {
  const parts = [entry.caller, entry.caller_name, entry.operation, entry.source_ip, entry.request_id];
  return [...parts, JSON.stringify(entry.target), JSON.stringify(entry.details ?? {})]
    .join(' ')
    .toLowerCase();
}

export function targetText(target: Entry['target']): string {
  return Object.entries(target)
    .map(([part, value]) => `${part.replaceAll('_', ' ')} ${value}`)
    .join(', ');
}

/** `replaceRoute` → `Replace route`. */
export function operationText(operation: string): string {
  const words = operation.replace(/([A-Z])/g, ' $1').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
