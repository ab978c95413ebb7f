import { describe, expect, it } from 'vitest';

import { comparableText, diffRows } from './diff';

describe('a diff', () => {
  it('puts a changed line beside what it was', () => {
    expect(diffRows('a\nb\nc', 'a\nB\nc')).toEqual([
      { kind: 'same', left: { number: 1, text: 'a' }, right: { number: 1, text: 'a' } },
      { kind: 'changed', left: { number: 2, text: 'b' }, right: { number: 2, text: 'B' } },
      { kind: 'same', left: { number: 3, text: 'c' }, right: { number: 3, text: 'c' } },
    ]);
  });

  it('leaves the other side empty where lines were only added or removed', () => {
    expect(diffRows('a', 'a\nb').at(-1)).toEqual({ kind: 'changed', right: { number: 2, text: 'b' } });
    expect(diffRows('a\nb', 'a').at(-1)).toEqual({ kind: 'changed', left: { number: 2, text: 'b' } });
  });

  it('skips what is alike far from changes', () => {
    const lines = Array.from({ length: 20 }, (_, index) => `line ${String(index)}`);
    const rows = diffRows(lines.join('\n'), [...lines.slice(0, 19), 'other'].join('\n'));
    expect(rows[0]).toEqual({ kind: 'skipped', count: 16 });
    expect(rows).toHaveLength(5);
  });

  it('is one skipped block for equal texts', () => {
    expect(diffRows('a\nb', 'a\nb')).toEqual([{ kind: 'skipped', count: 2 }]);
  });

  it('does not see the order of keys', () => {
    expect(comparableText({ b: 1, a: [{ d: 1, c: 2 }] })).toBe(comparableText({ a: [{ c: 2, d: 1 }], b: 1 }));
  });
});
