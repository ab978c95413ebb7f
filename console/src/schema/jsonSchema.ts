/** The part of JSON Schema (draft 2020-12) that the API's own schemas use. */
export interface JsonSchema {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  required?: string[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  discriminator?: { propertyName: string };
}

/**
 * The schema without reference and without alternatives, as far as the value decides: of `oneOf` the branch whose `kind`
 * or `op` the value has (else the first), of `anyOf` with null the other one. What the outer schema says of itself stays.
 */
export function narrowed(schema: JsonSchema, value: unknown, root: JsonSchema): JsonSchema {
  const { $ref, anyOf, oneOf, ...own } = schema;
  if ($ref !== undefined) {
    const found = root.$defs?.[$ref.replace(/^.*\//, '')] ?? {};
    return { ...narrowed(found, value, root), ...own };
  }
  const choices = oneOf ?? anyOf?.filter((choice) => choice.type !== 'null');
  if (!choices) return schema;
  const chosen = choices.find((choice) => isBranchOf(choice, value, schema, root)) ?? choices[0] ?? {};
  return { ...narrowed(chosen, value, root), ...own };
}

function isBranchOf(choice: JsonSchema, value: unknown, schema: JsonSchema, root: JsonSchema): boolean {
  const name = schema.discriminator?.propertyName;
  if (name === undefined || !isRecord(value)) return false;
  return narrowed(choice, value, root).properties?.[name]?.const === value[name];
}

/** Whether null stands for "not given" here. */
export function isNullable(schema: JsonSchema): boolean {
  return schema.type === 'null' || (schema.anyOf?.some(isNullable) ?? false);
}

/** The schema of a field such as `transform.0.to`, and whether the field must be given; undefined where there is none. */
export function fieldSchema(
  root: JsonSchema,
  source: string,
  values: unknown,
): { schema: JsonSchema; nullable: boolean; required: boolean } | undefined {
  let outer = root;
  let here = narrowed(root, values, root);
  let value = values;
  let required = false;
  for (const name of source.split('.')) {
    const inner = here.type === 'array' ? here.items : here.properties?.[name];
    if (!inner) return undefined;
    required = here.required?.includes(name) ?? false;
    value = isRecord(value) || Array.isArray(value) ? (value as Record<string, unknown>)[name] : undefined;
    outer = inner;
    here = narrowed(inner, value, root);
  }
  return { schema: here, nullable: isNullable(outer), required };
}

/** A value in which everything has its default: what a form of a new record begins with. */
export function defaultsOf(schema: JsonSchema, root: JsonSchema = schema, value?: unknown): unknown {
  if (schema.default !== undefined) return structuredClone(schema.default);
  if (isNullable(schema)) return null;
  const here = narrowed(schema, value, root);
  if (here.default !== undefined) return structuredClone(here.default);
  if (here.const !== undefined) return here.const;
  if (here.type === 'array') return [];
  if (here.type !== 'object') return undefined;
  const fields = Object.entries(here.properties ?? {}).map(([name, inner]) => [
    name,
    defaultsOf(inner, root),
  ]);
  return Object.fromEntries(fields.filter(([, inner]) => inner !== undefined)) as unknown;
}

/** The branch of a `oneOf` whose discriminator has the value, with its defaults. */
export function defaultsOfBranch(root: JsonSchema, source: string, choice: Record<string, string>): unknown {
  const found = schemaOf(root, source);
  return found && defaultsOf({ ...found, default: undefined }, root, choice);
}

/** The values that the discriminator of a `oneOf` may have. */
export function branchesOf(root: JsonSchema, source: string): string[] {
  const found = schemaOf(root, source);
  const name = found?.discriminator?.propertyName ?? '';
  return (found?.oneOf ?? []).map((choice) => String(narrowed(choice, {}, root).properties?.[name]?.const));
}

/** The schema of a field with its alternatives. */
function schemaOf(root: JsonSchema, source: string): JsonSchema | undefined {
  const names = source.split('.');
  const last = names.pop() ?? '';
  const holder = names.length === 0 ? root : fieldSchema(root, names.join('.'), {})?.schema;
  const found = holder?.type === 'array' ? holder.items : holder?.properties?.[last];
  return found?.type === 'array' ? found.items : found;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
