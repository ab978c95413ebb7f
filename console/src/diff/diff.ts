import { diffLines } from 'diff';

/** One line of a comparison: on the left as it was, on the right as it is. */
export interface DiffRow {
  kind: 'same' | 'changed' | 'skipped';
  left?: { number: number; text: string };
  right?: { number: number; text: string };
  /** Of `skipped`: how many lines are alike. */
  count?: number;
}

/** The text of a value by which two values are compared: keys in order, so that their order makes no difference. */
export function comparableText(value: unknown): string {
  return JSON.stringify(value, sorted, 2) ?? '';
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The lines of two texts side by side; what is alike is left out further than `context` lines from a change. */
export function diffRows(before: string, after: string, context = 3): DiffRow[] {
  const rows: DiffRow[] = [];
  let left = 0;
  let right = 0;
  let removed: DiffRow[] = [];
  for (const part of diffLines(withEnd(before), withEnd(after))) {
    const lines = part.value.replace(/\n$/, '').split('\n');
    if (part.removed) {
      removed = lines.map((text) => ({ kind: 'changed', left: { number: (left += 1), text } }));
      rows.push(...removed);
    } else if (part.added) {
      lines.forEach((text, index) => {
        const cell = { number: (right += 1), text };
        const beside = removed[index];
        if (beside) beside.right = cell;
        else rows.push({ kind: 'changed', right: cell });
      });
      removed = [];
    } else {
      removed = [];
      const same = lines.map((text): DiffRow => {
        left += 1;
        right += 1;
        return { kind: 'same', left: { number: left, text }, right: { number: right, text } };
      });
      rows.push(...same);
    }
  }
  return folded(rows, context);
}

function folded(rows: DiffRow[], context: number): DiffRow[] {
  const near = rows.map((_, at) =>
    rows.slice(Math.max(0, at - context), at + context + 1).some((row) => row.kind === 'changed'),
  );
  const shown: DiffRow[] = [];
  rows.forEach((row, at) => {
    const last = shown[shown.length - 1];
    if (near[at]) shown.push(row);
    else if (last?.kind === 'skipped') last.count = (last.count ?? 0) + 1;
    else shown.push({ kind: 'skipped', count: 1 });
  });
  return shown;
}

function withEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
