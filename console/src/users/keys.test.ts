import { describe, expect, it } from 'vitest';

import { checkKey, fingerprintOf, validityOf } from './keys';

const KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPLnLAQUvA8SixvOhyZthCDhgj/Lhlb3Z7ItM5ugR0w5 billing@example';

describe('a pasted key', () => {
  it('is taken without what is around it', () => {
    expect(checkKey(`\n${KEY}\n`)).toEqual({ key: KEY, type: 'ssh-ed25519', comment: 'billing@example' });
  });

  it('is refused when it is a private one, and not kept', () => {
    const found = checkKey('-----BEGIN OPENSSH PRIVATE KEY-----\nabc');
    expect(found.key).toBe('');
    expect(found.wrong).toMatch(/private key/);
  });

  it('is refused when it is cut off or of another type', () => {
    expect(checkKey('ssh-ed25519 AAAAC3').wrong).toMatch(/cut off/);
    expect(checkKey(KEY.replace('ssh-ed25519', 'ssh-rsa')).wrong).toMatch(/cut off/);
    expect(checkKey('hello world').wrong).toMatch(/does not begin/);
  });

  it('is one at a time', () => {
    expect(checkKey(`${KEY}\n${KEY}`).wrong).toMatch(/one key/);
  });

  it('has the fingerprint that ssh-keygen shows', async () => {
    expect(await fingerprintOf(KEY)).toBe('SHA256:Y63QxAmh08qX0mCosXIh+vje7IjO4q3HChUAMDdH5tc');
  });
});

describe('validity', () => {
  const now = Date.parse('2026-11-29T00:00:00Z');

  it('warns from thirty days before the end', () => {
    expect(validityOf(null, '2026-12-20T00:00:00Z', now)).toMatchObject({
      text: '21 days left',
      tone: 'warning',
    });
    expect(validityOf(null, '2027-11-29T00:00:00Z', now)).toMatchObject({ tone: 'good', passed: 0 });
  });

  it('tells what is over, what is to come, and what has no end', () => {
    expect(validityOf(null, '2026-11-28T00:00:00Z', now)).toMatchObject({
      text: 'Expired 1 day ago',
      tone: 'bad',
    });
    expect(validityOf('2026-12-01T00:00:00Z', null, now)).toMatchObject({
      text: 'Begins in 2 days',
      tone: 'neutral',
    });
    expect(validityOf(null, null, now)).toEqual({ text: 'Without end', tone: 'good' });
  });

  it('measures from the begin where there is one', () => {
    expect(validityOf('2026-11-19T00:00:00Z', '2026-12-09T00:00:00Z', now).passed).toBeCloseTo(0.5);
  });
});
