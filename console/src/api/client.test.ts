import { afterEach, describe, expect, it, vi } from 'vitest';

import { ApiClient, ApiError } from './client';

const client = new ApiClient('https://ferry.example', 'acme', () => Promise.resolve('token'));

function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const fetch = vi.fn<typeof globalThis.fetch>(() =>
    Promise.resolve(
      new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers }),
    ),
  );
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

async function refusal(asked: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await asked.then(
    () => undefined,
    (found: unknown) => found,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a request', () => {
  it('fills the tenant and the parts into the address, as one part each', async () => {
    const fetch = answering(200, { id: 'a/b' }, { etag: '"3"' });
    const answer = await client.call('readRoute', { path: { route: 'a/b' } });
    expect(fetch.mock.calls[0]?.[0]).toBe('https://ferry.example/v1/tenants/acme/routes/a%2Fb');
    expect(answer).toEqual({ data: { id: 'a/b' }, etag: '"3"' });
  });

  it('sends token, version and key, and leaves out what is not asked for', async () => {
    const fetch = answering(200, {});
    await client.call('replaceRoute', {
      path: { route: 'r' },
      query: { limit: 5, cursor: undefined, status: '' },
      body: { a: 1 },
      etag: '"3"',
      idempotencyKey: 'k',
    });
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toMatch(/routes\/r\?limit=5$/);
    expect(init).toMatchObject({ method: 'PUT', body: '{"a":1}' });
    expect(Object.fromEntries(new Headers(init?.headers))).toEqual({
      accept: 'application/json',
      authorization: 'Bearer token',
      'content-type': 'application/json',
      'idempotency-key': 'k',
      'if-match': '"3"',
    });
  });
});

describe('a refusal', () => {
  it('says what the API says, and puts mistakes to their fields', async () => {
    answering(422, {
      detail: 'The route is not valid.',
      request_id: 'r-1',
      errors: [{ pointer: '/match/glob', detail: 'is missing' }],
    });
    const error = await refusal(client.call('createRoute', { body: {} }));
    expect(error).toMatchObject({ message: 'The route is not valid.', status: 422, requestId: 'r-1' });
    expect(error.body).toEqual({
      errors: { match: { glob: 'is missing' }, root: 'The route is not valid.' },
    });
  });

  it('reads what API Gateway itself answers', async () => {
    answering(401, { message: 'Unauthorized' });
    expect(await refusal(client.call('listJobs'))).toMatchObject({ message: 'Unauthorized', status: 401 });
  });

  it('shows the beginning of an answer that is no JSON', async () => {
    answering(502, '<html>Bad gateway</html>');
    expect((await refusal(client.call('listJobs'))).message).toBe('<html>Bad gateway</html>');
  });

  it('asks whether the viewer is online when there is no answer', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    expect(await refusal(client.call('listJobs'))).toMatchObject({ status: 0 });
    const nobody = new ApiClient('', 'acme', () => Promise.reject(new Error('no issuer')));
    expect((await refusal(nobody.call('listJobs'))).message).toMatch(/cannot be reached/);
  });

  it('stays the viewer’s own when the viewer gave up', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new DOMException('gone', 'AbortError')));
    await expect(client.call('listJobs')).rejects.toThrow(DOMException);
  });
});
