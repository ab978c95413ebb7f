import { useQuery } from '@tanstack/react-query';

import type { RequestOptions } from '../api/client';
import { operations } from '../api/operations';
import { useClient } from '../api/useClient';
import { useTenant } from '../auth/IdentityContext';
import type { OperationId } from '../auth/roles';

const PAGES = 10;

/** All that a listing of the API gives, page by page; at most some thousands. */
export function useRecords<T>(operation: OperationId, request: RequestOptions = {}, enabled = true) {
  const client = useClient();
  const tenant = useTenant();
  return useQuery({
    queryKey: ['records', tenant, operation, request],
    enabled,
    queryFn: async ({ signal }) => {
      const items: T[] = [];
      let cursor: string | null | undefined;
      for (let page = 0; page < PAGES && cursor !== null; page += 1) {
        const query = { ...request.query, ...(operations[operation].pages && { limit: 200, cursor }) };
        const { data } = await client.call<{ items: T[]; cursor: string | null }>(operation, {
          ...request,
          query,
          signal,
        });
        items.push(...data.items);
        cursor = data.cursor;
      }
      return items;
    },
  });
}
