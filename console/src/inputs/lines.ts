/** `{a: "1"}` ↔ `a = 1`, one a line. */
export function pairsText(pairs: unknown): string {
  if (typeof pairs !== 'object' || pairs === null) return '';
  return Object.entries(pairs)
    .map(([name, value]) => `${name} = ${String(value)}`)
    .join('\n');
}

/** Throws an Error that names the line without `=`. */
export function pairsOf(text: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const [number, line] of numbered(text)) {
    const at = line.indexOf('=');
    if (at < 1) throw new Error(`Line ${String(number)}: write name = value`);
    pairs[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return pairs;
}

/** `[["a", "b"]]` ↔ `a, b`, one group a line. */
export function groupsText(groups: unknown): string {
  if (!Array.isArray(groups)) return '';
  return groups.map((group: unknown) => (Array.isArray(group) ? group.join(', ') : String(group))).join('\n');
}

export function groupsOf(text: string): string[][] {
  return numbered(text).map(([, line]) =>
    line
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  );
}

function numbered(text: string): [number, string][] {
  return text
    .split('\n')
    .map((line, index): [number, string] => [index + 1, line.trim()])
    .filter(([, line]) => line !== '');
}
