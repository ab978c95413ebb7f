import { expect, it } from 'vitest';

import { addressText, credentialText } from './destination';

const sftp = {
  kind: 'sftp' as const,
  host: 'sftp.partner.example',
  username: 'acme',
  host_keys: [],
  folder: '/in',
  port: 22,
  secret: null,
};
const record = {
  tenant: 'acme',
  id: 'partner',
  description: '',
  created_at: '',
  updated_at: '',
  credential: null,
};
const partner = { ...record, rate_bytes_per_second: null, target: sftp };

it('tells addresses in a line', () => {
  expect(addressText(sftp)).toBe('acme@sftp.partner.example /in');
  expect(addressText({ ...sftp, port: 2222 })).toBe('acme@sftp.partner.example:2222 /in');
});

it('warns of an SFTP server without a credential', () => {
  expect(credentialText(partner)).toEqual({ text: 'Missing', missing: true });
  expect(credentialText({ ...partner, target: { ...sftp, secret: 'a/b' } }).missing).toBe(false);
});
