import { describe, expect, it, vi } from 'vitest';

import { ApiError, type ApiClient, type RequestOptions } from './client';
import { dataProviderOf } from './dataProvider';
import type { OperationId } from '../auth/roles';

/** An API that keeps 25 jobs, and answers pages whose cursor is where the next one begins. */
function apiWith(count: number) {
  const call = vi.fn((operation: OperationId, options: RequestOptions = {}) => {
    if (operation !== 'listJobs') return Promise.reject(new ApiError('not here', 404));
    const from = Number(options.query?.cursor ?? 0);
    const to = from + Number(options.query?.limit);
    const items = Array.from({ length: Math.max(0, Math.min(to, count) - from) }, (_, index) => ({
      job_id: `j${String(from + index)}`,
    }));
    return Promise.resolve({ data: { items, cursor: to < count ? String(to) : null }, etag: undefined });
  });
  return { call, provider: dataProviderOf({ call } as unknown as ApiClient) };
}

const page = (number: number, filter = {}) => ({
  pagination: { page: number, perPage: 10 },
  sort: { field: 'id', order: 'ASC' as const },
  filter,
});

describe('a listing', () => {
  it('gives records their ids and says whether more follow', async () => {
    const { provider } = apiWith(25);
    const first = await provider.getList('jobs', page(1));
    expect(first.data[0]).toEqual({ id: 'j0', job_id: 'j0' });
    expect(first.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false });
    expect((await provider.getList('jobs', page(2))).data[0]?.id).toBe('j10');
    const last = await provider.getList('jobs', page(3));
    expect(last.data).toHaveLength(5);
    expect(last.pageInfo).toEqual({ hasNextPage: false, hasPreviousPage: true });
  });

  it('asks once for the page after one that is known', async () => {
    const { provider, call } = apiWith(25);
    await provider.getList('jobs', page(1));
    await provider.getList('jobs', page(2));
    expect(call).toHaveBeenCalledTimes(2);
    await provider.getList('jobs', page(2));
    expect(call).toHaveBeenCalledTimes(3);
  });

  it('walks to a page that a link leads to', async () => {
    const { provider, call } = apiWith(25);
    expect((await provider.getList('jobs', page(3))).data[0]?.id).toBe('j20');
    expect(call).toHaveBeenCalledTimes(3);
  });

  it('is empty behind its end', async () => {
    const { provider } = apiWith(25);
    const beyond = await provider.getList('jobs', page(9));
    expect(beyond.data).toEqual([]);
    expect(beyond.pageInfo?.hasNextPage).toBe(false);
  });

  it('hands on the filters that the API knows, and keeps the pages of each apart', async () => {
    const { provider, call } = apiWith(25);
    await provider.getList('jobs', page(1));
    await provider.getList('jobs', page(2, { status: 'FAILED', colour: 'red' }));
    expect(call.mock.calls.map(([, options]) => options?.query)).toEqual([
      { limit: 10, cursor: undefined },
      { status: 'FAILED', limit: 10, cursor: undefined },
      { status: 'FAILED', limit: 10, cursor: '10' },
    ]);
  });

  it('of a kind that is not there is an error in words', async () => {
    const { provider } = apiWith(0);
    await expect(provider.getList('ships', page(1))).rejects.toThrow('ships');
  });
});
