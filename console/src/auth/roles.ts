import { operations } from '../api/operations';

export type OperationId = keyof typeof operations;

/** From the least to the most; the first three hold in one tenant. */
const RANKS = ['tenant-viewer', 'tenant-operator', 'tenant-admin', 'platform-admin'] as const;
export type Role = (typeof RANKS)[number];

/** Who is signed in, as the access token says. */
export interface Identity {
  id: string;
  name: string;
  isPlatformAdmin: boolean;
  roles: Readonly<Record<string, Role>>;
}

export const ROLE_NAMES: Record<Role, string> = {
  'tenant-viewer': 'Viewer',
  'tenant-operator': 'Operator',
  'tenant-admin': 'Tenant admin',
  'platform-admin': 'Platform admin',
};

/** The identity in the claims of an access token. The API decides by the same claims; this only hides what it would refuse. */
export function identityOf(claims: Record<string, unknown>, rolesClaim: string): Identity {
  const listed = claims[rolesClaim];
  const groups = Array.isArray(listed) ? listed.map(String) : String(listed ?? '').split(/[\s,[\]]+/);
  const roles: Record<string, Role> = {};
  for (const group of groups) {
    const [tenant, role] = group.split(':');
    if (tenant && isTenantRole(role) && rank(role) > rank(roles[tenant])) roles[tenant] = role;
  }
  const name = [claims.email, claims.username, claims.preferred_username, claims.sub].find(Boolean);
  return {
    id: String(claims.sub ?? ''),
    name: String(name ?? ''),
    isPlatformAdmin: groups.includes('platform-admin'),
    roles,
  };
}

export function roleIn(identity: Identity, tenant: string): Role | undefined {
  return identity.isPlatformAdmin ? 'platform-admin' : identity.roles[tenant];
}

/** Whether the API would let the identity perform the operation in the tenant. */
export function may(identity: Identity, tenant: string, operation: OperationId): boolean {
  const least = operations[operation].role as Role | 'anyone';
  if (least === 'anyone') return true;
  return rank(roleIn(identity, tenant)) >= rank(least);
}

function rank(role: Role | undefined): number {
  return role === undefined ? -1 : RANKS.indexOf(role);
}

function isTenantRole(role: string | undefined): role is Role {
  return role !== undefined && role !== 'platform-admin' && (RANKS as readonly string[]).includes(role);
}
