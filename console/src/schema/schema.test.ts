import { describe, expect, it } from 'vitest';

import { fieldErrors, fieldName, listedErrors } from './fieldErrors';
import { branchesOf, defaultsOf, defaultsOfBranch, fieldSchema, type JsonSchema } from './jsonSchema';
import { mistakesOf } from './mistakes';
import { prepared } from './prepared';

const ID = '^[a-z0-9][a-z0-9-]{0,39}$';
const schema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['match', 'target'],
  properties: {
    id: { type: 'string', pattern: ID },
    description: { type: 'string', default: '', maxLength: 10 },
    priority: { type: 'integer', default: 100, minimum: 0, maximum: 10000 },
    match: { $ref: '#/$defs/Match' },
    target: {
      discriminator: { propertyName: 'kind' },
      oneOf: [{ $ref: '#/$defs/Sftp' }, { $ref: '#/$defs/Https' }],
    },
    steps: {
      type: 'array',
      maxItems: 2,
      items: {
        discriminator: { propertyName: 'op' },
        oneOf: [{ $ref: '#/$defs/Rename' }, { $ref: '#/$defs/Pack' }],
      },
    },
  },
  $defs: {
    Match: {
      type: 'object',
      additionalProperties: false,
      properties: {
        glob: { anyOf: [{ type: 'string', maxLength: 500 }, { type: 'null' }], default: null },
        users: { type: 'array', items: { type: 'string' } },
        max_size: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'null' }], default: null },
      },
    },
    Sftp: {
      type: 'object',
      additionalProperties: false,
      required: ['kind', 'host', 'host_keys'],
      properties: {
        kind: { type: 'string', const: 'sftp' },
        host: { type: 'string', minLength: 1, description: 'Name of the server.' },
        port: { type: 'integer', default: 22 },
        host_keys: { type: 'array', minItems: 1, items: { type: 'string' } },
      },
    },
    Https: {
      type: 'object',
      additionalProperties: false,
      required: ['kind', 'url'],
      properties: { kind: { type: 'string', const: 'https' }, url: { type: 'string', maxLength: 2000 } },
    },
    Rename: {
      type: 'object',
      additionalProperties: false,
      required: ['op', 'to'],
      properties: { op: { type: 'string', const: 'rename' }, to: { type: 'string', minLength: 1 } },
    },
    Pack: {
      type: 'object',
      additionalProperties: false,
      required: ['op', 'format'],
      properties: {
        op: { type: 'string', const: 'pack' },
        format: { type: 'string', enum: ['gzip', 'zip'] },
        level: { anyOf: [{ type: 'integer', maximum: 19 }, { type: 'null' }], default: null },
      },
    },
  },
};

const good = { match: { glob: '*.csv' }, target: { kind: 'https', url: 'https://partner.example/' } };

describe('mistakes', () => {
  it('finds none in a good record', () => {
    expect(mistakesOf(schema, good)).toEqual([]);
  });

  it('tells of a union only the mistakes of the branch that the value has chosen', () => {
    const target = { kind: 'sftp', host: '', host_keys: [] };
    expect(mistakesOf(schema, { ...good, target })).toEqual([
      { pointer: '/target/host', detail: 'is required' },
      { pointer: '/target/host_keys', detail: 'needs at least one' },
    ]);
  });

  it('puts what is missing at the field that is missing', () => {
    expect(mistakesOf(schema, { target: good.target, steps: [{ op: 'rename' }] })).toEqual([
      { pointer: '/match', detail: 'is required' },
      { pointer: '/steps/0/to', detail: 'is required' },
    ]);
  });

  it('lets null stand where it means not given', () => {
    expect(mistakesOf(schema, { ...good, match: { glob: null, max_size: null } })).toEqual([]);
    expect(mistakesOf(schema, { ...good, match: { max_size: -1 } })).toEqual([
      { pointer: '/match/max_size', detail: 'must be 0 or more' },
    ]);
  });

  it('names bounds, choices and types', () => {
    const steps = [{ op: 'pack', format: 'rar', level: 20 }];
    const found = mistakesOf(schema, { ...good, id: 'No', priority: 'high', steps });
    expect(Object.fromEntries(found.map((mistake) => [mistake.pointer, mistake.detail]))).toEqual({
      '/id': 'takes lower-case letters, digits and hyphens, at most 40',
      '/priority': 'must be a whole number',
      '/steps/0/format': 'must be one of gzip, zip',
      '/steps/0/level': 'must be 19 or less',
    });
  });

  it('finds what the schema does not know', () => {
    expect(mistakesOf(schema, { ...good, colour: 'red' })).toEqual([
      { pointer: '/colour', detail: 'is not known here' },
    ]);
  });
});

describe('field errors', () => {
  it('hold items beside what is wrong with the whole list', () => {
    const errors = fieldErrors([
      { pointer: '/steps', detail: 'may have at most 2' },
      { pointer: '/steps/1/to', detail: 'is required' },
    ]);
    expect(errors).toEqual({ steps: { root: 'may have at most 2', 1: { to: 'is required' } } });
  });

  it('are listed with the field of each', () => {
    const errors = { a: [undefined, { to: { type: 'manual', message: { message: 'is required' } } }] };
    expect(listedErrors(errors)).toEqual([{ source: 'a.1.to', text: 'is required' }]);
  });

  it('name fields for people', () => {
    expect(fieldName('validation.csv.columns.0.max_size')).toBe('Validation › csv › columns 1 › max size');
  });
});

describe('defaults', () => {
  it('fill a new record', () => {
    expect(defaultsOf(schema)).toMatchObject({
      description: '',
      priority: 100,
      match: { glob: null, users: [], max_size: null },
      target: { kind: 'sftp', port: 22 },
      steps: [],
    });
  });

  it('fill the branch that was chosen', () => {
    expect(branchesOf(schema, 'steps')).toEqual(['rename', 'pack']);
    expect(defaultsOfBranch(schema, 'steps', { op: 'pack' })).toEqual({ op: 'pack', level: null });
    expect(defaultsOfBranch(schema, 'target', { kind: 'https' })).toEqual({ kind: 'https' });
  });
});

describe('the schema of a field', () => {
  it('follows the value through unions and lists', () => {
    const values = { steps: [{ op: 'pack' }], target: { kind: 'sftp' } };
    expect(fieldSchema(schema, 'steps.0.format', values)?.schema.enum).toEqual(['gzip', 'zip']);
    expect(fieldSchema(schema, 'target.host', values)).toMatchObject({
      required: true,
      schema: { description: 'Name of the server.' },
    });
    expect(fieldSchema(schema, 'match.glob', values)).toMatchObject({ nullable: true, required: false });
  });
});

describe('prepared', () => {
  it('leaves out what nobody writes, and empty fields that cannot be null', () => {
    const values = {
      ...good,
      tenant: 'acme',
      created_at: 'x',
      priority: null,
      description: '',
      match: { glob: '' },
    };
    expect(prepared(schema, values)).toEqual({ ...good, description: '', match: { glob: null } });
  });
});
