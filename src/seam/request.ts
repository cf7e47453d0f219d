/**
 * A request read once: its bytes, its parameters, and the same request made again of both.
 *
 * Parameters come as a JSON object in the body or as names in the query, by whatever verb, and not in both: what was left
 * aside could be an `is_one_time_use`. In a query a list is a repeated name, and numbers and booleans are text.
 */
import { refuse, refuseRequest } from './errors.ts';
import { Parameters, type Source } from './parameters.ts';

export type Values = Readonly<Record<string, unknown>>;

/** Parameters as they came. */
export interface Given {
  readonly values: Values;
  readonly source: Source;
}

/** A request whose body was read. */
export interface ReadRequest extends Given {
  readonly request: Request;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEmpty = (values: Values): boolean => Object.keys(values).every((name) => name === '_strict');

/** A name that comes twice is a list. `fromEntries` defines: a `__proto__` becomes a name like others. */
function inQuery(query: URLSearchParams): Values {
  const found = new Map<string, string[]>();
  for (const [name, value] of query) {
    const values = found.get(name);
    if (values) values.push(value);
    else found.set(name, [value]);
  }
  return Object.fromEntries(
    [...found].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}

/** @throws SeamError `payload_too_large`; `invalid_input` if the body breaks off */
export async function bytesOf(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = (): never => refuse('payload_too_large', `The body must have at most ${limit} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > limit) tooLarge();
  if (request.body === null) return new Uint8Array();
  // No cancel: under node:http it destroys the connection, and with it the answer.
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => refuseRequest('The body broke off'));
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (length > limit) tooLarge();
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return refuseRequest('The body must be JSON in UTF-8');
  }
}

function inBody(request: Request, bytes: Uint8Array): Values {
  if (bytes.length === 0) return {};
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json[ \t]*(?:;|$)/i.test(type) || /charset=(?!"?utf-?8\b)/i.test(type))
    refuse(
      'invalid_content_type',
      `${request.method} requests must have Content-Type header with "application/json"`,
    );
  const value = parsed(bytes);
  if (isObject(value)) return value;
  return refuseRequest(
    `Expected object, received ${value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value}`,
  );
}

/** @throws SeamError `invalid_input`, `invalid_content_type` */
export function givenIn(request: Request, bytes: Uint8Array, query: URLSearchParams): Given {
  const [body, asked] = [inBody(request, bytes), inQuery(query)];
  if (isEmpty(asked)) return { values: body, source: 'body' };
  if (!isEmpty(body)) refuseRequest('Parameters must be in the body or in the query, not in both');
  return { values: asked, source: 'query' };
}

/** They remember what was asked of them: each reader wants its own. */
export const parametersOf = ({ values, source }: Given): Parameters => new Parameters(values, source);

interface Changes {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Headers;
}

/** The same request, with the bytes that were read of it or with others. */
export function again(
  request: Request,
  bytes: Uint8Array<ArrayBuffer>,
  { url = request.url, method = request.method, headers = request.headers }: Changes = {},
): Request {
  const { signal } = request;
  if (bytes.length === 0) return new Request(url, { method, headers, signal });
  const own = new Headers(headers);
  own.set('content-length', String(bytes.length));
  return new Request(url, { method, headers: own, signal, body: bytes });
}

/** For an answer that is read here and not by the client. */
function unpacked(headers: Headers): Headers {
  const own = new Headers(headers);
  own.set('accept-encoding', 'identity');
  return own;
}

const jsonBytes = (values: Values): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(values));

function urlWith(url: string, changes: Values): string {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(changes)) {
    const [first, ...others]: readonly unknown[] = Array.isArray(value) ? value : [value];
    // `set` leaves a name where it stands: the SDK's `_strict` stays the last.
    if (first === undefined) changed.searchParams.delete(name);
    else changed.searchParams.set(name, String(first));
    for (const other of others) changed.searchParams.append(name, String(other));
  }
  return changed.href;
}

/** The same request with other parameters (undefined: none), for an answer that is read here. */
export function amended({ request, bytes, values, source }: ReadRequest, changes: Values): Request {
  const headers = unpacked(request.headers);
  const isChanged = Object.entries(changes).some(
    ([name, value]) => value !== undefined || Object.hasOwn(values, name),
  );
  if (!isChanged) return again(request, bytes, { headers });
  if (source === 'query') return again(request, bytes, { headers, url: urlWith(request.url, changes) });
  return again(request, jsonBytes({ ...values, ...changes }), { headers });
}

/** Another request of the same client, for an answer that is read here. */
export function another({ request }: ReadRequest, path: string, values: Values): Request {
  const headers = unpacked(request.headers);
  headers.set('content-type', 'application/json');
  const url = new URL(path, request.url).href;
  return again(request, jsonBytes(values), { headers, url, method: 'POST' });
}
