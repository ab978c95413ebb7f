import { describe, expect, it } from 'vitest';

import { identityOf, may, roleIn } from './roles';

const GROUPS = 'cognito:groups';
const identity = (...groups: string[]) => identityOf({ sub: '1', username: 'pat', [GROUPS]: groups }, GROUPS);

describe('identityOf', () => {
  it('reads the roles of each tenant and takes the higher of two', () => {
    const pat = identity('acme:tenant-viewer', 'acme:tenant-admin', 'zen:tenant-operator');
    expect(pat).toEqual({
      id: '1',
      name: 'pat',
      isPlatformAdmin: false,
      roles: { acme: 'tenant-admin', zen: 'tenant-operator' },
    });
  });

  it('reads a claim that is a text, as API Gateway writes lists', () => {
    expect(identityOf({ roles: '[acme:tenant-viewer zen:tenant-admin]' }, 'roles').roles).toEqual({
      acme: 'tenant-viewer',
      zen: 'tenant-admin',
    });
  });

  it('leaves out what is no role, such as a platform admin of one tenant', () => {
    expect(identity('acme:platform-admin', 'acme:boss', 'people', ':tenant-admin').roles).toEqual({});
    expect(identity('acme:platform-admin').isPlatformAdmin).toBe(false);
  });

  it('takes the first name that a token tells', () => {
    expect(identityOf({ sub: '1', email: 'pat@acme.example', username: 'pat' }, GROUPS).name).toBe(
      'pat@acme.example',
    );
    expect(identityOf({ sub: '1' }, GROUPS).name).toBe('1');
  });
});

describe('may', () => {
  it('lets each role do what the API lets it do', () => {
    expect(may(identity('acme:tenant-viewer'), 'acme', 'listJobs')).toBe(true);
    expect(may(identity('acme:tenant-viewer'), 'acme', 'cancelJob')).toBe(false);
    expect(may(identity('acme:tenant-operator'), 'acme', 'cancelJob')).toBe(true);
    expect(may(identity('acme:tenant-operator'), 'acme', 'createRoute')).toBe(false);
    expect(may(identity('acme:tenant-admin'), 'acme', 'createRoute')).toBe(true);
    expect(may(identity('acme:tenant-admin'), 'acme', 'createTenant')).toBe(false);
    expect(may(identity('platform-admin'), 'acme', 'createTenant')).toBe(true);
  });

  it('lets nobody do anything in a tenant of others', () => {
    expect(may(identity('acme:tenant-admin'), 'zen', 'listJobs')).toBe(false);
    expect(roleIn(identity('acme:tenant-admin'), 'zen')).toBeUndefined();
  });

  it('lets everyone do what needs no role', () => {
    expect(may(identity(), 'acme', 'listTenants')).toBe(true);
  });
});
