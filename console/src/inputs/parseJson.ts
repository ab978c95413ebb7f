export interface JsonMistake {
  text: string;
  line?: number;
  column?: number;
}

/** The value of a JSON text, or what is wrong with it and where. */
export function parseJson(text: string): { value: unknown } | { mistake: JsonMistake } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { mistake: mistakeOf(error instanceof Error ? error.message : String(error), text) };
  }
}

/** Engines tell the place as line and column, as a position, or not at all. */
function mistakeOf(message: string, text: string): JsonMistake {
  const told = message.replace(/^JSON\.parse: /, '').replace(/,? ?(in JSON )?at (position|line).*$/, '');
  const place = /line (\d+) column (\d+)/.exec(message);
  if (place) return { text: told, line: Number(place[1]), column: Number(place[2]) };
  const position = /position (\d+)/.exec(message);
  if (position) {
    const before = text.slice(0, Number(position[1])).split('\n');
    return { text: told, line: before.length, column: (before[before.length - 1] ?? '').length + 1 };
  }
  return { text: told };
}

export function mistakeText({ text, line, column }: JsonMistake): string {
  return line === undefined ? text : `Line ${String(line)}, column ${String(column)}: ${text}`;
}
