import type { Job, Run } from './job';

export type Verdict = 'reference' | 'equal' | 'different' | 'unknown';

/** One place where a file's checksum was computed or told. */
export interface ChecksumRow {
  where: string;
  algorithm: string;
  digest: string;
  size: number | undefined;
  verdict: Verdict;
}

export interface Comparison {
  /** The file as it came in. */
  original: ChecksumRow[];
  /** The file as it was delivered. */
  delivered: ChecksumRow[];
}

interface Known {
  sha256?: unknown;
  size?: unknown;
}

/** The checksums of a run side by side: each is compared with the one that was computed when the file was staged. */
export function comparisonOf(job: Job, run: Run): Comparison {
  const staged = inside(run, 'stage', 'object');
  const output = inside(run, 'transform', 'object') ?? staged;
  const archived = run.steps.archive?.result ?? {};
  const original = [
    ...declaredRows(run),
    row('Staged', staged),
    ...(job.sha256 && !staged ? [row('Read', { sha256: job.sha256, size: job.object.size })] : []),
    row('Begins from a kept copy', run.source ?? undefined),
    row('Quarantined', known(run.outcome?.quarantined)),
    row('Archived original', known(archived.original)),
  ];
  const delivered = [
    row('Transformed', output),
    ...Object.entries(run.deliveries).map(([id, delivery]) => row(`Delivered to ${id}`, delivery)),
    ...confirmedRows(run),
    row('Archived delivered', known(archived.delivered)),
  ];
  const reference = text(staged?.sha256) ?? job.sha256 ?? undefined;
  return {
    original: judged(original, reference),
    delivered: Object.keys(run.deliveries).length > 0 ? judged(delivered, text(output?.sha256)) : [],
  };
}

/** Whether everything that can be compared is equal; undefined where there is nothing to compare. */
export function allEqual({ original, delivered }: Comparison): boolean | undefined {
  const verdicts = [...original, ...delivered].map(({ verdict }) => verdict);
  if (verdicts.includes('different')) return false;
  return verdicts.includes('equal') ? true : undefined;
}

type Draft = Omit<ChecksumRow, 'verdict'>;

function judged(rows: (Draft | undefined)[], reference: string | undefined): ChecksumRow[] {
  let first = true;
  return rows
    .filter((found) => found !== undefined)
    .map((found) => {
      if (found.algorithm !== 'sha256' || reference === undefined) return { ...found, verdict: 'unknown' };
      const equal = found.digest.toLowerCase() === reference.toLowerCase();
      const isReference = equal && first && !found.where.startsWith('Declared');
      if (isReference) first = false;
      return { ...found, verdict: isReference ? 'reference' : equal ? 'equal' : 'different' };
    });
}

/** The check of declared checksums is a step's: it fails the run where they differ. */
function declaredRows(run: Run): Draft[] {
  return Object.entries(run.declared).map(([algorithm, digest]) => ({
    where: 'Declared by the sender',
    algorithm,
    digest,
    size: undefined,
  }));
}

function confirmedRows(run: Run): (Draft | undefined)[] {
  const confirmed = known(run.steps.confirm?.result?.confirmed) as Record<string, unknown> | undefined;
  return Object.entries(confirmed ?? {}).map(([id, told]) => row(`Confirmed by ${id}`, known(told)));
}

function row(where: string, value: Known | undefined): Draft | undefined {
  const digest = text(value?.sha256);
  if (digest === undefined) return undefined;
  return {
    where,
    algorithm: 'sha256',
    digest,
    size: typeof value?.size === 'number' ? value.size : undefined,
  };
}

function inside(run: Run, step: string, name: string): Known | undefined {
  return known(run.steps[step]?.result?.[name]);
}

function known(value: unknown): Known | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
