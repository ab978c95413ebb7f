import { Validator, type OutputUnit, type Schema } from '@cfworker/json-schema';

import type { Mistake } from '../api/client';
import { isNullable, isRecord, narrowed, type JsonSchema } from './jsonSchema';

/** Keywords that only say that something within them is wrong. */
const WRAPPERS = ['properties', 'items', 'additionalProperties', '$ref', 'anyOf', 'oneOf', 'allOf'];

/**
 * What the schema finds wrong with the value, each at its JSON pointer. The API checks by the same schema, and more: names
 * of other records for instance, which only it knows.
 */
export function mistakesOf(schema: JsonSchema, value: unknown): Mistake[] {
  const found = new Map<string, string>();
  for (const unit of validated(decided(schema, value, schema), value)) {
    for (const { pointer = '', detail } of told(unit, schema, value)) {
      if (!found.has(pointer)) found.set(pointer, detail);
    }
  }
  return [...found].map(([pointer, detail]) => ({ pointer, detail }));
}

function validated(schema: JsonSchema, value: unknown): OutputUnit[] {
  try {
    return new Validator(schema as Schema, '2020-12', false).validate(value).errors;
  } catch {
    return []; // a pattern that JavaScript does not know; the API's answer decides
  }
}

/** The schema for this very value: without references and alternatives, so that each mistake is told once. */
function decided(schema: JsonSchema, value: unknown, root: JsonSchema): JsonSchema {
  if (value === null && isNullable(schema)) return {};
  const here = narrowed(schema, value, root);
  const result = { ...here };
  delete result.$defs;
  if (here.properties && isRecord(value)) {
    const inner = Object.entries(here.properties);
    result.properties = Object.fromEntries(
      inner.map(([name, part]) => [name, decided(part, value[name], root)]),
    );
  }
  if (here.items && Array.isArray(value)) {
    const { items } = here;
    delete result.items;
    return { ...result, prefixItems: value.map((part) => decided(items, part, root)) } as JsonSchema;
  }
  return result;
}

function told(unit: OutputUnit, root: JsonSchema, value: unknown): Mistake[] {
  const pointer = decodeURI(unit.instanceLocation.replace(/^#/, ''));
  if (WRAPPERS.includes(unit.keyword) || unit.keyword === 'prefixItems') return [];
  const { schema, value: here } = at(root, value, pointer);
  if (unit.keyword === 'required') {
    const missing = (schema.required ?? []).filter((name) => !isRecord(here) || !(name in here));
    return missing.map((name) => ({ pointer: `${pointer}/${name}`, detail: 'is required' }));
  }
  return [{ pointer, detail: textOf(unit, schema) }];
}

function at(root: JsonSchema, value: unknown, pointer: string): { schema: JsonSchema; value: unknown } {
  let schema = narrowed(root, value, root);
  let here = value;
  for (const name of pointer.split('/').slice(1)) {
    here = isRecord(here) || Array.isArray(here) ? (here as Record<string, unknown>)[name] : undefined;
    const inner = schema.type === 'array' ? schema.items : schema.properties?.[name];
    schema = narrowed(inner ?? {}, here, root);
  }
  return { schema, value: here };
}

const ARTICLES: Record<string, string> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function textOf(unit: OutputUnit, schema: JsonSchema): string {
  switch (unit.keyword) {
    case 'type':
      return `must be ${ARTICLES[schema.type ?? ''] ?? schema.type ?? 'of another type'}`;
    case 'minLength':
      return schema.minLength === 1 ? 'is required' : `needs at least ${String(schema.minLength)} characters`;
    case 'maxLength':
      return `may have at most ${String(schema.maxLength)} characters`;
    case 'minimum':
      return `must be ${String(schema.minimum)} or more`;
    case 'exclusiveMinimum':
      return `must be more than ${String(schema.exclusiveMinimum)}`;
    case 'maximum':
      return `must be ${String(schema.maximum)} or less`;
    case 'minItems':
      return schema.minItems === 1 ? 'needs at least one' : `needs at least ${String(schema.minItems)}`;
    case 'maxItems':
      return `may have at most ${String(schema.maxItems)}`;
    case 'enum':
      return `must be one of ${(schema.enum ?? []).join(', ')}`;
    case 'const':
      return `must be ${String(schema.const)}`;
    case 'pattern':
      return patternText(schema.pattern ?? '');
    case 'format':
      return `is not a ${schema.format ?? ''}`;
    case 'false':
      return 'is not known here';
    default:
      return unit.error;
  }
}

const ID = '^[a-z0-9][a-z0-9-]{0,39}$';

function patternText(pattern: string): string {
  return pattern === ID
    ? 'takes lower-case letters, digits and hyphens, at most 40'
    : `does not fit ${pattern}`;
}
