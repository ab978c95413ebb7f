/** What is asked about a file, as it stands in the fields of the page. */
export interface Question {
  user: string;
  path: string;
  size: string;
  /** Local time as `datetime-local` has it; empty: now. */
  at: string;
}

/** The request to the API: what is empty is left out; a key of the ingest bucket is told by its beginning. */
export function requestOf({ user, path, size, at }: Question): Record<string, string | number> {
  const isKey = user === '' && path.startsWith('in/');
  return {
    ...(isKey ? { key: path } : { path }),
    ...(user !== '' && { user }),
    ...(size !== '' && { size: Number(size) }),
    ...(at !== '' && { at: new Date(at).toISOString() }),
  };
}

const PARTS = ['user', 'path', 'size', 'at'] as const;

export function questionOf(query: URLSearchParams): Question {
  const [user = '', path = '', size = '', at = ''] = PARTS.map((name) => query.get(name) ?? '');
  return { user, path, size, at };
}

export function queryOf(question: Question): Record<string, string> {
  return Object.fromEntries(
    PARTS.filter((name) => question[name] !== '').map((name) => [name, question[name]]),
  );
}
