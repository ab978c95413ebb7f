import type { Run } from '../jobs/job';

/** What is wrong at one place of a file, as the validation tells it. */
export interface Violation {
  rule: string;
  message: string;
  /** From 1. */
  line?: number;
  /** Of a CSV record the field's number, else the character's, from 1. */
  column?: number;
  field?: string;
}

/** The violations that a run was refused for; `total` counts those that are not listed as well. */
export function violationsOf(run: Run | undefined): { violations: Violation[]; total: number } {
  const error = run?.error as { violations?: unknown; total?: unknown } | null | undefined;
  const violations = Array.isArray(error?.violations) ? (error.violations as Violation[]) : [];
  return { violations, total: typeof error?.total === 'number' ? error.total : violations.length };
}

/** A line of a file, with what is wrong in it. */
export interface FileLine {
  number: number;
  parts: LinePart[];
  violations: Violation[];
}

export interface LinePart {
  text: string;
  marked: boolean;
}

const AROUND = 2;
const LONGEST = 400;

/** The lines with violations and some around them, in runs without gaps. */
export function excerptsOf(text: string, violations: readonly Violation[]): FileLine[][] {
  const lines = text.split(/\r\n|\n|\r/);
  const wanted = new Set<number>();
  for (const { line } of violations) {
    if (line === undefined) continue;
    for (let near = line - AROUND; near <= line + AROUND; near += 1) {
      if (near >= 1 && near <= lines.length) wanted.add(near);
    }
  }
  if (wanted.size > 0) wanted.add(1);
  const excerpts: FileLine[][] = [];
  let last = -1;
  for (const number of [...wanted].sort((a, b) => a - b)) {
    const here = violations.filter(({ line }) => line === number);
    const shown = { number, violations: here, parts: partsOf(lines[number - 1] ?? '', here) };
    if (number === last + 1) excerpts[excerpts.length - 1]?.push(shown);
    else excerpts.push([shown]);
    last = number;
  }
  return excerpts;
}

function partsOf(line: string, violations: readonly Violation[]): LinePart[] {
  const ranges = violations
    .map((violation) => rangeOf(line, violation))
    .filter((range) => range !== undefined);
  ranges.sort(([a], [b]) => a - b);
  const parts: LinePart[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    if (from < at) continue;
    if (from > at) parts.push({ text: line.slice(at, from), marked: false });
    parts.push({ text: line.slice(from, to), marked: true });
    at = to;
  }
  parts.push({
    text: line.slice(at, Math.max(at, LONGEST)) + (line.length > LONGEST ? ' …' : ''),
    marked: false,
  });
  return parts.filter(({ text }) => text !== '');
}

function rangeOf(line: string, { rule, column }: Violation): [number, number] | undefined {
  if (column === undefined) return undefined;
  if (!rule.startsWith('csv.')) return column <= line.length ? [column - 1, column] : undefined;
  return fieldsOf(line)[column - 1];
}

/** Where the fields of a CSV record begin and end; the separator is the one that occurs most. */
export function fieldsOf(line: string): [number, number][] {
  const outside = line.replace(/"(?:[^"]|"")*"/g, '');
  const count = (separator: string) => outside.split(separator).length;
  const separator = [',', ';', '\t', '|'].reduce((best, other) =>
    count(other) > count(best) ? other : best,
  );
  const fields: [number, number][] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at <= line.length; at += 1) {
    if (line[at] === '"') quoted = !quoted;
    if (at === line.length || (line[at] === separator && !quoted)) {
      fields.push([from, at]);
      from = at + 1;
    }
  }
  return fields;
}
