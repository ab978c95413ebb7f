import { HttpError } from 'react-admin';

import { operations } from './operations';
import type { OperationId } from '../auth/roles';

/** One mistake in a request, at a JSON pointer of its body or a parameter of its query. */
export interface Mistake {
  detail: string;
  pointer?: string;
  parameter?: string;
}

/** The API's answer to a request that it did not perform (RFC 9457). */
export class ApiError extends HttpError {
  constructor(
    message: string,
    status: number,
    readonly mistakes: readonly Mistake[] = [],
    readonly requestId = '',
  ) {
    super(message, status, { errors: formErrors(mistakes, message) });
    // HttpError makes whatever is built an HttpError again, and no ApiError could be told by its class.
    Object.setPrototypeOf(this, ApiError.prototype);
  }
}

export interface Answer<T = unknown> {
  data: T;
  etag: string | undefined;
}

export interface RequestOptions {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  etag?: string;
  /** So that a repeat after a broken connection does nothing twice. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

const UNREACHABLE = 'The API cannot be reached. Is the system up, and are you online?';

/** Calls operations of the API by their ids. */
export class ApiClient {
  constructor(
    private readonly origin: string,
    private readonly tenant: string,
    private readonly token: () => Promise<string | undefined>,
  ) {}

  /** Throws ApiError for every answer but 2xx, and for none. */
  async call<T = unknown>(operation: OperationId, options: RequestOptions = {}): Promise<Answer<T>> {
    const { method, path } = operations[operation];
    const url =
      this.origin + filled(path, { tenant: this.tenant, ...options.path }) + queryText(options.query);
    const headers = new Headers({ accept: 'application/json' });
    const token = await this.token().catch(() => {
      throw new ApiError(UNREACHABLE, 0);
    });
    if (token) headers.set('authorization', `Bearer ${token}`);
    if (options.etag) headers.set('if-match', options.etag);
    if (options.idempotencyKey) headers.set('idempotency-key', options.idempotencyKey);
    if (options.body !== undefined) headers.set('content-type', 'application/json');
    const answer = await fetch(url, {
      method,
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
    }).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new ApiError(UNREACHABLE, 0);
    });
    const text = await answer.text();
    const value: unknown = text ? parsed(text) : undefined;
    if (!answer.ok) throw problem(answer.status, value);
    return { data: value as T, etag: answer.headers.get('etag') ?? undefined };
  }
}

function filled(path: string, parts: Record<string, string | number>): string {
  return path.replace(/{(\w+)}/g, (_, name: string) => {
    const value = parts[name];
    if (value === undefined) throw new Error(`${path} needs ${name}`);
    return encodeURIComponent(String(value));
  });
}

function queryText(query: RequestOptions['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { detail: text.slice(0, 300) };
  }
}

function problem(status: number, value: unknown): ApiError {
  const told = (value ?? {}) as {
    detail?: string;
    message?: string;
    errors?: Mistake[];
    request_id?: string;
  };
  const message = told.detail ?? told.message ?? `The API answered ${String(status)}.`;
  return new ApiError(message, status, told.errors ?? [], told.request_id);
}

/** Errors by field, as react-admin's forms show them: `/a/0/b` stands for the field `a.0.b`. */
function formErrors(mistakes: readonly Mistake[], message: string): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const mistake of mistakes) {
    if (mistake.pointer) errors[mistake.pointer.slice(1).replaceAll('/', '.')] = mistake.detail;
  }
  return Object.keys(errors).length > 0 ? { ...nested(errors), root: message as never } : {};
}

function nested(flat: Record<string, string>): Record<string, never> {
  const root: Record<string, unknown> = {};
  for (const [path, text] of Object.entries(flat)) {
    const names = path.split('.');
    let here = root;
    for (const name of names.slice(0, -1)) {
      const inner = here[name];
      here[name] = typeof inner === 'object' && inner !== null ? inner : {};
      here = here[name] as Record<string, unknown>;
    }
    here[names[names.length - 1] ?? ''] = text;
  }
  return root as Record<string, never>;
}
