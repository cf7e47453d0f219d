/**
 * HTTP on the Fetch standard: a `Request` in, a `Response` out, no framework. Envelope, headers and messages are those that
 * the SDKs @seamapi/http 0.12 to 2.32 read and @seamapi/fake-seam-connect 1.86.0 writes; 413 and 429 are ours.
 *
 * Parameters come as a JSON object in the body or as names in the query, by whatever verb, and not in both: what was left
 * aside could be an `is_one_time_use`. In a query a list is a repeated name, and numbers and booleans are text.
 */
import { checkFields, checkInteger, expected } from '../errors.ts';
import { authorizer } from './api-keys.ts';
import { SERVICE_OPTIONS, type ServiceOptions } from './context.ts';
import { refuse, refuseRequest, SeamError } from './errors.ts';
import { Parameters } from './parameters.ts';
import { ROUTES } from './routes.ts';
import { type SeamService, seamService } from './service.ts';

export interface HandlerOptions {
  /** What `apiKeyHash` gave for each API key that is let in; at least one. */
  readonly apiKeys: readonly string[];
  /** Bytes that a body may have, 1 to 2^30; 1 MiB if not named. */
  readonly bodyLimit?: number;
  /** Gets every error that the caller was not told: what is answered with 500. Without it such errors vanish. */
  readonly onError?: (error: unknown, requestId: string) => void;
}

const HANDLER_OPTIONS = ['apiKeys', 'bodyLimit', 'onError'];

type Values = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Values =>
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

async function bytesOf(request: Request, limit: number): Promise<Uint8Array> {
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

async function inBody(request: Request, limit: number): Promise<Values> {
  const bytes = await bytesOf(request, limit);
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

async function parametersOf(request: Request, query: URLSearchParams, limit: number): Promise<Parameters> {
  const [body, asked] = [await inBody(request, limit), inQuery(query)];
  if (isEmpty(asked)) return new Parameters(body, 'body');
  if (!isEmpty(body)) refuseRequest('Parameters must be in the body or in the query, not in both');
  return new Parameters(asked, 'query');
}

/** Headers that go with a refusal, as RFC 9110 wants them. */
function headersOf({ type }: SeamError, path: string): Readonly<Record<string, string>> {
  if (type === 'method_not_allowed') return { allow: ROUTES.get(path)?.verbs.join(', ') ?? '' };
  // No retry-after with 429: the SDK would sit out the minute inside the call, and say nothing.
  return type === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {};
}

/** What came may be a key in the wrong place: only what looks like a route is repeated. */
function refuseRoute(method: string, path: string): never {
  const isShown = /^[A-Z]{1,10}$/.test(method) && /^\/[a-z_/]{1,80}$/.test(path);
  const only = 'only access codes, devices, locks, events and action attempts are';
  return refuse('not_found', `${isShown ? `${method} ${path}` : 'This route'} is not there: ${only}`);
}

/** A handler over any service; `seamHandler` is the one over ours. */
export function handlerOver(
  service: SeamService,
  options: HandlerOptions & Pick<ServiceOptions, 'uuid'>,
): (request: Request) => Promise<Response> {
  const { uuid, bodyLimit = 2 ** 20, onError } = options;
  checkInteger('bodyLimit', bodyLimit, 1, 2 ** 30);
  if (onError !== undefined && typeof onError !== 'function') expected('onError', 'a function', onError);
  const authorize = authorizer(options.apiKeys);

  async function answer(request: Request, { pathname, searchParams }: URL): Promise<object> {
    const route = ROUTES.get(pathname);
    if (!route) return refuseRoute(request.method, pathname);
    authorize(request.headers.get('authorization'));
    if (!route.verbs.includes(request.method))
      refuse('method_not_allowed', `only ${route.verbs.join(',')} accepted`);
    return route.answer(service, await parametersOf(request, searchParams, bodyLimit));
  }

  /** What the caller may know of an error; all the rest is for `onError`. */
  function refusalOf(error: unknown, requestId: string): SeamError {
    if (error instanceof SeamError && error.type !== 'internal_server_error') return error;
    try {
      onError?.(error, requestId);
    } catch {
      // Whoever asked gets an answer, also when the log is broken.
    }
    return new SeamError('internal_server_error', 'Something went wrong; nothing more is told here');
  }

  return async (request) => {
    const [requestId, url] = [uuid(), new URL(request.url)];
    const respond = (status: number, body: object, headers: Readonly<Record<string, string>>): Response =>
      // RFC 9110: the answer to HEAD has no content.
      new Response(request.method === 'HEAD' ? null : JSON.stringify(body), {
        status,
        headers: {
          'content-type': 'application/json',
          'cache-control': 'no-store',
          'seam-request-id': requestId,
          ...headers,
        },
      });
    try {
      return respond(200, { ...(await answer(request, url)), ok: true }, {});
    } catch (thrown) {
      const error = refusalOf(thrown, requestId);
      const { type, message, details, status } = error;
      return respond(
        status,
        { error: { type, message, ...details }, ok: false },
        headersOf(error, url.pathname),
      );
    }
  };
}

/**
 * A handler that answers Seam's SDKs with offline codes: access codes, devices, locks, events and action attempts, on the
 * paths and by the verbs of @seamapi/http 0.12 to 2.32. Everything is answered in Seam's envelope, errors of ours with 500
 * and without a reason; a promise is rejected only if `uuid` throws. Times on the wire are ISO 8601 in UTC, in the options
 * epoch seconds.
 *
 * It wants what every handler does from its host: TLS, a limit to how long a body may take, and the end of a connection
 * whose body was too long (413), which is not read to its end.
 *
 * @throws PintumblerError `bad_argument` or `out_of_range`: an option that is missing, wrong or unknown.
 *
 * @example
 * import { createToken } from 'pintumbler';
 * import { apiKeyHash, memoryStore, seamHandler } from 'pintumbler/seam';
 * import { igloohome } from 'pintumbler/vendors';
 *
 * const key = 'seam_0123456789abcdefghijkl'; // for the client; draw yours at random, and keep the hash
 * const root = new Uint8Array(32);
 * const token = createToken({ vendor: igloohome, deviceId: 'door-7', root, timeZone: 'Europe/Lisbon' });
 * const device_id = '7f3c1a52-5d2f-4b8e-9a51-0c6f3f0f9e11';
 * const handle = seamHandler({
 *   devices: [{ token, deviceId: device_id, name: 'Front door' }],
 *   store: memoryStore(),
 *   apiKeys: [apiKeyHash(key)],
 *   now: () => Date.UTC(2026, 1, 27) / 1000, // on a server: Math.floor(Date.now() / 1000)
 *   uuid: () => crypto.randomUUID(),
 * });
 *
 * const asked = { device_id, starts_at: '2026-03-01T15:00:00Z', ends_at: '2026-03-04T11:00:00Z' };
 * const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
 * const request = { method: 'POST', headers, body: JSON.stringify({ ...asked, is_offline_access_code: true }) };
 * const response = await handle(new Request('https://seam.test/access_codes/create', request));
 * const { access_code } = await response.json();
 * console.log(access_code.code.length, access_code.ends_at); // 9 2026-03-04T11:00:00.000Z
 */
export function seamHandler(
  options: ServiceOptions & HandlerOptions,
): (request: Request) => Promise<Response> {
  checkFields('options', options, [...SERVICE_OPTIONS, ...HANDLER_OPTIONS]);
  const { apiKeys, bodyLimit, onError, ...ofService } = options;
  return handlerOver(seamService(ofService), options);
}
