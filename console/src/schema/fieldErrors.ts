import type { Mistake } from '../api/client';
import { isRecord } from './jsonSchema';

/** Errors by field as a form takes them; what is wrong with a list as a whole stands beside its items, as `root`. */
export function fieldErrors(mistakes: readonly Mistake[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const { pointer, detail } of mistakes) {
    if (!pointer) continue;
    const names = pointer.slice(1).split('/').map(unescaped);
    const last = names.pop() ?? '';
    let here = root;
    for (const name of names) {
      const inner = here[name];
      here[name] = isRecord(inner) ? inner : inner === undefined ? {} : { root: inner };
      here = here[name] as Record<string, unknown>;
    }
    const there = here[last];
    here[last] = isRecord(there) ? { ...there, root: detail } : detail;
  }
  return root;
}

/** The other way round: what a form holds as errors, with the field of each. */
export function listedErrors(errors: unknown, prefix = ''): { source: string; text: string }[] {
  if (!isRecord(errors) && !Array.isArray(errors)) return [];
  const text = messageOf(errors);
  if (text !== undefined) return [{ source: prefix, text }];
  return Object.entries(errors).flatMap(([name, inner]) => {
    if (name === 'ref') return [];
    const source = name === 'root' ? prefix : prefix ? `${prefix}.${name}` : name;
    return listedErrors(inner, source);
  });
}

function messageOf(error: unknown): string | undefined {
  if (!isRecord(error) || typeof error.type !== 'string') return undefined;
  const { message } = error;
  const told = isRecord(message) ? message.message : message;
  return typeof told === 'string' ? told : 'is wrong';
}

/** `transform.0.to` for people: `Transform 1: to`. */
export function fieldName(source: string): string {
  const names = source.split('.').map((name) => (/^\d+$/.test(name) ? String(Number(name) + 1) : name));
  const text = names
    .join(' › ')
    .replaceAll('_', ' ')
    .replace(/ › (\d+)/g, ' $1');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function unescaped(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~');
}
