import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { system } from './system';

/** An SFTP user's key pair: the private key's file, and the public key's line. */
export interface Key {
  file: string;
  publicKey: string;
}

function python(...words: string[]): string {
  return execFileSync(system.python, [join(import.meta.dirname, 'sftp.py'), ...words], {
    encoding: 'utf8',
    env: { ...process.env, FERRY_HOME: system.home, PYTHONPATH: `${system.root}/src:${system.root}` },
  });
}

export function newKey(): Key {
  const file = join(mkdtempSync(join(tmpdir(), 'ferry-key-')), 'id');
  return { file, publicKey: python('key', file).trim() };
}

/** Uploads texts, by their paths on the server, over SFTP. */
export function upload(user: string, keyFile: string, files: Record<string, string>): void {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-upload-'));
  const pairs = Object.entries(files).flatMap(([remote, content], index) => {
    const local = join(folder, String(index));
    writeFileSync(local, content);
    return [remote, local];
  });
  python('put', user, keyFile, ...pairs);
}

/** A name that no file had before, so that tests find their own. */
export function unique(stem: string): string {
  return `${stem}-${Date.now().toString(36)}`;
}
