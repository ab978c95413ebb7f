import { describe, expect, it } from 'vitest';

import { excerptsOf, fieldsOf } from './violations';

const FILE = [
  'id,name,amount',
  '1,"a, b",2',
  '2,c,many',
  '3,d,4',
  '4,e,5',
  '5,f,6',
  '6,g,7',
  '7,h,',
  '8,i,9',
].join('\n');

describe('excerptsOf', () => {
  it('shows the header, and each line with its neighbours, without gaps inside of an excerpt', () => {
    const excerpts = excerptsOf(FILE, [
      { rule: 'csv.type', message: 'not a number', line: 3, column: 3 },
      { rule: 'csv.null', message: 'empty', line: 8, column: 3 },
    ]);
    expect(excerpts.map((lines) => lines.map(({ number }) => number))).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    const far = excerptsOf(FILE, [{ rule: 'csv.null', message: 'empty', line: 8, column: 3 }]);
    expect(far.map((lines) => lines.map(({ number }) => number))).toEqual([[1], [6, 7, 8, 9]]);
  });

  it('marks the field of a CSV record', () => {
    const [lines = []] = excerptsOf(FILE, [
      { rule: 'csv.type', message: 'not a number', line: 3, column: 3 },
    ]);
    expect(lines[2]?.parts).toEqual([
      { text: '2,c,', marked: false },
      { text: 'many', marked: true },
    ]);
  });

  it('marks the character elsewhere', () => {
    const [lines = []] = excerptsOf('{"a": x}', [
      { rule: 'json', message: 'unexpected x', line: 1, column: 7 },
    ]);
    expect(lines[0]?.parts.find(({ marked }) => marked)?.text).toBe('x');
  });

  it('has nothing to show of violations without a line', () => {
    expect(excerptsOf(FILE, [{ rule: 'size', message: 'too large' }])).toEqual([]);
  });
});

describe('fieldsOf', () => {
  it('knows quotes and other separators', () => {
    const texts = (line: string) => fieldsOf(line).map(([from, to]) => line.slice(from, to));
    expect(texts('1,"a, ""b""",2')).toEqual(['1', '"a, ""b"""', '2']);
    expect(texts('1;2,5;x')).toEqual(['1', '2,5', 'x']);
  });
});
