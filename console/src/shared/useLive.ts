import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';

import type { ApiError, RequestOptions } from '../api/client';
import { useClient } from '../api/useClient';
import { useTenant } from '../auth/IdentityContext';
import type { OperationId } from '../auth/roles';

interface Options {
  /** Milliseconds between two looks; 0 looks once. A hidden tab does not look at all. */
  every?: number;
  enabled?: boolean;
}

/** What an operation answers, read again and again while the tab is seen; the last answer stays until the next one. */
export function useLive<T>(
  operation: OperationId,
  request: Omit<RequestOptions, 'signal'> = {},
  { every = 5_000, enabled = true }: Options = {},
): UseQueryResult<T, ApiError> {
  const client = useClient();
  const tenant = useTenant();
  return useQuery<T, ApiError>({
    queryKey: ['live', tenant, operation, request],
    queryFn: async ({ signal }) => (await client.call<T>(operation, { ...request, signal })).data,
    refetchInterval: every > 0 && every,
    refetchIntervalInBackground: false,
    placeholderData: keepPreviousData,
    enabled,
  });
}
