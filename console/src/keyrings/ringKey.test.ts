import { expect, it } from 'vitest';

import { bodyOf, wrongIn, type RingKeyInput } from './ringKey';

const input: RingKeyInput = {
  way: 'generate',
  text: '',
  passphrase: '',
  userId: 'Acme <a@acme.example>',
  validDays: '730',
  label: '',
  notBefore: '',
};
const CERTIFICATE = '-----BEGIN PGP PUBLIC KEY BLOCK-----\nabc\n-----END PGP PUBLIC KEY BLOCK-----';

it('generates a key for a user id and some days', () => {
  expect(wrongIn(input)).toBeUndefined();
  expect(bodyOf(input)).toEqual({ generate: { user_id: input.userId, valid_days: 730 }, label: '' });
  expect(wrongIn({ ...input, validDays: '0' })).toMatch(/3650/);
});

it('takes a whole certificate and nothing private as the partner’s', () => {
  const partner = { ...input, way: 'certificate' as const };
  expect(wrongIn({ ...partner, text: CERTIFICATE })).toBeUndefined();
  expect(wrongIn({ ...partner, text: CERTIFICATE.slice(0, 40) })).toMatch(/cut off/);
  expect(wrongIn({ ...partner, text: CERTIFICATE.replaceAll('PUBLIC', 'PRIVATE') })).toMatch(/private key/);
});
