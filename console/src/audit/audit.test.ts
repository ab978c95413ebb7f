import { expect, it } from 'vitest';

import { matching, operationText, targetText, type Entry } from './audit';

const entry: Entry = {
  at: '2026-11-29T13:49:56Z',
  request_id: 'qr97',
  tenant: 'acme',
  caller: '6e30',
  caller_name: 'operator',
  caller_kind: 'person',
  source_ip: '127.0.0.1',
  operation: 'replaceRoute',
  target: { route: 'orders' },
  status: 200,
  details: { revision: 7 },
};
const refused = { ...entry, caller_name: 'viewer', status: 403 };
const ALL = { text: '', operation: '', outcome: '' } as const;

it('finds entries by any of their texts', () => {
  expect(matching([entry, refused], { ...ALL, text: 'Operator' })).toEqual([entry]);
  expect(matching([entry, refused], { ...ALL, text: 'orders' })).toHaveLength(2);
  expect(matching([entry, refused], { ...ALL, text: 'nobody' })).toEqual([]);
});

it('finds what was refused', () => {
  expect(matching([entry, refused], { ...ALL, outcome: 'refused' })).toEqual([refused]);
  expect(matching([entry, refused], { ...ALL, outcome: 'done' })).toEqual([entry]);
});

it('says operations and targets in words', () => {
  expect(operationText('replaceRoute')).toBe('Replace route');
  expect(targetText({ job_id: 'j1', run: '2' })).toBe('job id j1, run 2');
});
