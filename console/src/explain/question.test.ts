import { expect, it } from 'vitest';

import { queryOf, questionOf, requestOf } from './question';

it('asks for a user and a path, and leaves out what is empty', () => {
  expect(requestOf({ user: 'sender', path: '/a.csv', size: '', at: '' })).toEqual({
    user: 'sender',
    path: '/a.csv',
  });
  expect(requestOf({ user: 'sender', path: '/a.csv', size: '0', at: '' })).toMatchObject({ size: 0 });
});

it('takes a key of the ingest bucket where no user is named', () => {
  expect(requestOf({ user: '', path: 'in/eu/1/acme/u/a.csv', size: '', at: '' })).toEqual({
    key: 'in/eu/1/acme/u/a.csv',
  });
});

it('stands in the address of the page', () => {
  const question = { user: 'sender', path: '/a b.csv', size: '7', at: '' };
  expect(questionOf(new URLSearchParams(queryOf(question)))).toEqual(question);
});
