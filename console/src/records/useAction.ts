import { useMutation } from '@tanstack/react-query';
import { useNotify, useRecordContext, useRefresh } from 'react-admin';

import type { RequestOptions } from '../api/client';
import { useClient } from '../api/useClient';
import { RESOURCES } from '../api/resources';
import type { OperationId } from '../auth/roles';

interface Options<T> {
  /** Told to the viewer when it is done. */
  done?: string;
  onDone?: (answer: T) => void;
  resource: string;
  /** Whether the record is read anew; false where it is gone. */
  refreshes?: boolean;
}

/** An operation on the record that is shown; afterwards the record is read anew. */
export function useAction<T = unknown>(
  operation: OperationId,
  { done, onDone, resource, refreshes = true }: Options<T>,
) {
  const client = useClient();
  const record = useRecordContext();
  const notify = useNotify();
  const refresh = useRefresh();
  const part = RESOURCES[resource]?.part ?? '';
  return useMutation({
    mutationFn: async (request: RequestOptions) =>
      (
        await client.call<T>(operation, {
          idempotencyKey: crypto.randomUUID(),
          ...request,
          path: { [part]: String(record?.id), ...request.path },
        })
      ).data,
    onSuccess: (answer) => {
      if (done) notify(done, { type: 'success' });
      onDone?.(answer);
      if (refreshes) refresh();
    },
  });
}
