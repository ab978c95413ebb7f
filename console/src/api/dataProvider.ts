import type { DataProvider, RaRecord } from 'react-admin';

import { ApiError, type ApiClient } from './client';
import { RESOURCES, type ResourceMap } from './resources';

/** Views call other operations with `useClient()`: react-admin passes on methods of the data provider only. */
export type FerryDataProvider = DataProvider & Pick<ApiClient, 'call'>;

type Row = Record<string, unknown>;
interface Page {
  items: Row[];
  cursor: string | null;
}

/**
 * react-admin's data provider over the API. Listings of the API have cursors and no count: the cursor that leads to
 * each page is kept, and pages that were jumped over are walked through.
 */
export function dataProviderOf(client: ApiClient): FerryDataProvider {
  const cursors = new Map<string, (string | undefined)[]>();
  const etags = new Map<string, string>();

  async function page(resource: string, filter: Row, limit: number, number: number): Promise<Page> {
    const map = mapOf(resource);
    const query = Object.fromEntries(Object.entries(filter).filter(([name]) => map.filters?.includes(name)));
    const listing = JSON.stringify([resource, query, limit]);
    if (number === 1) cursors.delete(listing);
    const known = cursors.get(listing) ?? [undefined];
    cursors.set(listing, known);
    for (let at = Math.min(number, known.length); ; at += 1) {
      const cursor = known[at - 1];
      const { data } = await client.call<Page>(needed(map.list, resource), {
        query: { ...(query as Record<string, string>), limit, cursor },
      });
      if (data.cursor !== null) known[at] = data.cursor;
      if (at === number) return data;
      if (data.cursor === null) return { items: [], cursor: null };
    }
  }

  async function read(resource: string, id: unknown): Promise<RaRecord> {
    const map = mapOf(resource);
    const { data, etag } = await client.call<Row>(needed(map.read, resource), {
      path: { [map.part]: String(id) },
    });
    if (etag) etags.set(`${resource}/${String(id)}`, etag);
    return record(data, map);
  }

  return {
    call: (operation, options) => client.call(operation, options),
    getList: async (resource, { pagination, filter }) => {
      const { page: number, perPage } = pagination ?? { page: 1, perPage: 25 };
      const map = mapOf(resource);
      const found = await page(resource, filter as Row, perPage, number);
      const data = found.items.map((item) => record(item, map)) as never[];
      return { data, pageInfo: { hasNextPage: found.cursor !== null, hasPreviousPage: number > 1 } };
    },
    getOne: async (resource, { id }) => ({ data: (await read(resource, id)) as never }),
    getMany: async (resource, { ids }) => ({
      data: (await Promise.all(ids.map((id) => read(resource, id).catch(() => ({ id }))))) as never[],
    }),
    getManyReference: () => Promise.reject(new Error('no view has references')),
    create: async (resource, { data }) => {
      const map = mapOf(resource);
      const answer = await client.call<Row>(needed(map.create, resource), {
        body: data,
        idempotencyKey: crypto.randomUUID(),
      });
      return { data: record(answer.data, map) as never };
    },
    update: async (resource, { id, data }) => {
      const map = mapOf(resource);
      const answer = await client.call<Row>(needed(map.replace, resource), {
        path: { [map.part]: String(id) },
        body: data,
        etag: etags.get(`${resource}/${String(id)}`),
      });
      if (answer.etag) etags.set(`${resource}/${String(id)}`, answer.etag);
      return { data: record(answer.data, map) as never };
    },
    updateMany: () => Promise.reject(new Error('records are changed one by one')),
    delete: () => Promise.reject(new Error('nothing is deleted')),
    deleteMany: () => Promise.reject(new Error('nothing is deleted')),
  };
}

function mapOf(resource: string): ResourceMap {
  const map = RESOURCES[resource];
  if (!map) throw new ApiError(`There is nothing of the kind ${resource}.`, 404);
  return map;
}

function needed<T>(operation: T | undefined, resource: string): T {
  if (operation === undefined) throw new ApiError(`This cannot be done with ${resource}.`, 405);
  return operation;
}

function record(row: Row, map: ResourceMap): RaRecord {
  return { ...row, id: String(row[map.id]) };
}
