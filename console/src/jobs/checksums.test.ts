import { describe, expect, it } from 'vitest';

import { allEqual, comparisonOf } from './checksums';
import { jobWith, runWith, stepWith } from './samples';

const IN = 'aa11';
const OUT = 'bb22';
const run = runWith({
  declared: { sha256: IN.toUpperCase(), md5: 'ff' },
  steps: {
    stage: stepWith({ object: { sha256: IN, size: 10 } }),
    transform: stepWith({ object: { sha256: OUT, size: 4 } }),
    confirm: stepWith({ confirmed: { partner: { sha256: OUT, size: 4, how: 'read back' } } }),
    archive: stepWith({ original: { sha256: IN, size: 10 }, delivered: { sha256: OUT, size: 4 } }),
  },
  deliveries: {
    partner: {
      status: 'DELIVERED',
      kind: 'sftp',
      name: 'a',
      location: 'l',
      size: 4,
      sha256: OUT,
      at: '',
      error: '',
      detail: {},
    },
  },
});

describe('comparisonOf', () => {
  it('compares every copy with what was staged, and what was delivered with what was made', () => {
    const { original, delivered } = comparisonOf(jobWith({ sha256: IN }), run);
    expect(original.map(({ where, verdict }) => [where, verdict])).toEqual([
      ['Declared by the sender', 'equal'],
      ['Declared by the sender', 'unknown'],
      ['Staged', 'reference'],
      ['Archived original', 'equal'],
    ]);
    expect(delivered.map(({ where, verdict }) => [where, verdict])).toEqual([
      ['Transformed', 'reference'],
      ['Delivered to partner', 'equal'],
      ['Confirmed by partner', 'equal'],
      ['Archived delivered', 'equal'],
    ]);
    expect(allEqual({ original, delivered })).toBe(true);
  });

  it('marks a copy with other bytes', () => {
    const broken = {
      ...run,
      steps: { ...run.steps, archive: stepWith({ original: { sha256: 'cc', size: 10 } }) },
    };
    const comparison = comparisonOf(jobWith({ sha256: IN }), broken);
    expect(comparison.original.find(({ where }) => where === 'Archived original')?.verdict).toBe('different');
    expect(allEqual(comparison)).toBe(false);
  });

  it('says nothing where nothing is known', () => {
    const comparison = comparisonOf(jobWith({ sha256: null }), runWith({}));
    expect(comparison).toEqual({ original: [], delivered: [] });
    expect(allEqual(comparison)).toBeUndefined();
  });
});
