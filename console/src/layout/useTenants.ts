import { useQuery, type UseQueryResult } from '@tanstack/react-query';

import type { ApiClient } from '../api/client';
import type { components } from '../api/schema';

export type Tenant = components['schemas']['Tenant'];
type Page = { items: Tenant[]; cursor: string | null };

/** Every tenant in which the viewer has a role, by name. */
export async function allTenants(client: Pick<ApiClient, 'call'>, signal?: AbortSignal): Promise<Tenant[]> {
  const found: Tenant[] = [];
  let cursor: string | undefined;
  do {
    const { data } = await client.call<Page>('listTenants', { query: { limit: 200, cursor }, signal });
    found.push(...data.items);
    cursor = data.cursor ?? undefined;
  } while (cursor !== undefined);
  return found.sort((a, b) => a.name.localeCompare(b.name));
}

export function useTenants(client: Pick<ApiClient, 'call'>, enabled: boolean): UseQueryResult<Tenant[]> {
  return useQuery({
    queryKey: ['tenants of the viewer'],
    queryFn: ({ signal }) => allTenants(client, signal),
    staleTime: 30_000,
    enabled,
  });
}
