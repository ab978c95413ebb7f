import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Someone of the demo who can sign in. */
export type PersonName = 'platform-admin' | 'tenant-admin' | 'operator' | 'viewer';

interface Person {
  username: string;
  password: string;
}

const ROOT = resolve(import.meta.dirname, '../..');
const HOME = resolve(process.env.FERRY_HOME ?? join(ROOT, '.ferry'));

function read<T>(name: string): T {
  const file = join(HOME, name);
  if (!existsSync(file))
    throw new Error(`${file} is not there: run \`make up\`, or say where with FERRY_HOME.`);
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}

/** The system that runs on this machine, as `ferry up` has left it. */
export const system = {
  root: ROOT,
  home: HOME,
  python: join(ROOT, '.venv/bin/python'),
  url: `http://localhost:${String(read<{ port: number }>('console.json').port)}/`,
  people: read<{ people: Record<PersonName, Person> }>('identities.json').people,
  /** The private key of one of the demo's SFTP users. */
  keyOf: (user: string) => join(HOME, 'keys', user),
};
