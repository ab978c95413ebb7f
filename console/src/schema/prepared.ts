import { isNullable, isRecord, narrowed, type JsonSchema } from './jsonSchema';

/**
 * What a form holds as the API takes it: without the fields of a record that nobody writes (`tenant`, `created_at` …), and
 * without emptied fields where null is not a value, so that these get their defaults.
 */
export function prepared(schema: JsonSchema, values: Record<string, unknown>): Record<string, unknown> {
  const known = narrowed(schema, values, schema).properties ?? {};
  const written = Object.fromEntries(Object.entries(values).filter(([name]) => name in known));
  return cleaned(schema, written, schema) as Record<string, unknown>;
}

function cleaned(schema: JsonSchema, value: unknown, root: JsonSchema): unknown {
  const here = narrowed(schema, value, root);
  if (Array.isArray(value)) {
    const { items } = here;
    return items ? value.filter(isGiven).map((item) => cleaned(items, item, root)) : value;
  }
  if (!isRecord(value) || !here.properties) return value;
  const properties = here.properties;
  const kept = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const part = properties[name];
    if (!part) return [[name, inner]];
    if (isGiven(inner)) return [[name, cleaned(part, inner, root)]];
    return isNullable(part) ? [[name, null]] : isText(part, root) && inner === '' ? [[name, '']] : [];
  });
  return Object.fromEntries(kept);
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '';
}

function isText(schema: JsonSchema, root: JsonSchema): boolean {
  const { type, minLength, pattern, enum: choices } = narrowed(schema, undefined, root);
  return type === 'string' && minLength === undefined && pattern === undefined && choices === undefined;
}
