import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';

import type { ApiError, RequestOptions } from '../api/client';
import { useClient } from '../api/useClient';
import { useTenant } from '../auth/IdentityContext';
import type { OperationId } from '../auth/roles';

/** Time between two looks at what moves; a hidden tab does not look. */
export const EVERY = 10_000;

interface Page<T> {
  items: T[];
  cursor: string | null;
}

/** All pages of a listing, again and again: what is added up must be whole. */
export function useAll<T>(
  operation: OperationId,
  query: RequestOptions['query'],
  enabled = true,
): UseQueryResult<T[], ApiError> {
  const client = useClient();
  const tenant = useTenant();
  return useQuery<T[], ApiError>({
    queryKey: ['all', tenant, operation, query],
    queryFn: async ({ signal }) => {
      const found: T[] = [];
      let cursor: string | undefined;
      do {
        const { data } = await client.call<Page<T>>(operation, { query: { ...query, cursor }, signal });
        found.push(...data.items);
        cursor = data.cursor ?? undefined;
      } while (cursor);
      return found;
    },
    enabled,
    refetchInterval: EVERY,
    placeholderData: keepPreviousData,
  });
}
