import { describe, expect, it } from 'vitest';

import { groupsOf, groupsText, pairsOf, pairsText } from './lines';
import { mistakeText, parseJson } from './parseJson';

describe('pairs', () => {
  it('are written one a line and read back', () => {
    const pairs = { cost: 'center 7', empty: '' };
    expect(pairsText(pairs)).toBe('cost = center 7\nempty = ');
    expect(pairsOf(pairsText(pairs))).toEqual(pairs);
  });

  it('keep an equals sign in the value', () => {
    expect(pairsOf('q=a=b\n\n')).toEqual({ q: 'a=b' });
  });

  it('name the line that is none', () => {
    expect(() => pairsOf('a = 1\nb')).toThrow('Line 2: write name = value');
  });
});

describe('groups', () => {
  it('are lines of names with commas', () => {
    expect(groupsOf('a, b\n\nc')).toEqual([['a', 'b'], ['c']]);
    expect(groupsText([['a', 'b'], ['c']])).toBe('a, b\nc');
  });
});

describe('JSON text', () => {
  it('gives its value', () => {
    expect(parseJson('{"a": [1]}')).toEqual({ value: { a: [1] } });
  });

  it('tells where it is broken', () => {
    const found = parseJson('{\n  "a": 1,\n  oops\n}');
    expect('mistake' in found && found.mistake.line).toBe(3);
    expect('mistake' in found && mistakeText(found.mistake)).toMatch(/^Line 3, column 3: /);
  });
});
