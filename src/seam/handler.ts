/**
 * HTTP on the Fetch standard: a `Request` in, a `Response` out, no framework. Envelope, headers and messages are those that
 * the SDKs @seamapi/http 0.12 to 2.32 read and @seamapi/fake-seam-connect 1.86.0 writes; 413 and 429 are ours.
 */
import { checkFields, checkInteger, expected } from '../errors.ts';
import { authorizer } from './api-keys.ts';
import { contextOf, SERVICE_OPTIONS, type ServiceOptions } from './context.ts';
import { refuse, SeamError } from './errors.ts';
import { again, bytesOf, type Given, givenIn, parametersOf } from './request.ts';
import { ROUTES } from './routes.ts';
import { type SeamService, serviceOver } from './service.ts';
import {
  type Forward,
  isCreation,
  isLikeCreation,
  type Ready,
  type Upstream,
  upstreamOf,
} from './upstream.ts';

export interface HandlerOptions {
  /** What `apiKeyHash` gave for each API key that is let in; at least one. */
  readonly apiKeys: readonly string[];
  /** Bytes that a body may have, 1 to 2^30; 1 MiB if not named. */
  readonly bodyLimit?: number;
  /** Gets every error that the caller was not told: what is answered with 500, 502 or 504. Without it such errors vanish. */
  readonly onError?: (error: unknown, requestId: string) => void;
  /** Hands requests to the real API, which then has all that is not held here; without it that is refused. */
  readonly upstream?: Forward;
}

const HANDLER_OPTIONS = ['upstream', 'apiKeys', 'bodyLimit', 'onError'];

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
  options: Omit<HandlerOptions, 'upstream'> & Pick<ServiceOptions, 'uuid'>,
  upstream?: Upstream,
): (request: Request) => Promise<Response> {
  const { uuid, bodyLimit = 2 ** 20, onError } = options;
  checkInteger('bodyLimit', bodyLimit, 1, 2 ** 30);
  if (onError !== undefined && typeof onError !== 'function') expected('onError', 'a function', onError);
  const authorize = authorizer(options.apiKeys);

  async function ownAnswer(request: Request, { pathname, searchParams }: URL): Promise<object> {
    const route = ROUTES.get(pathname);
    if (!route) return refuseRoute(request.method, pathname);
    authorize(request.headers.get('authorization'));
    if (!route.verbs.includes(request.method))
      refuse('method_not_allowed', `only ${route.verbs.join(',')} accepted`);
    const given = givenIn(request, await bytesOf(request, bodyLimit), searchParams);
    return route.answer(service, parametersOf(given));
  }

  /** Whatever is not ours, or cannot be read, goes on to the upstream; a body is read only where it may be ours. */
  async function answerBefore(real: Upstream, request: Request, url: URL): Promise<Ready> {
    const toUpstream = async (asked: Request): Promise<Ready> => ({ response: await real.ask(asked) });
    const path = url.pathname;
    const route = ROUTES.get(path);
    /** Nothing that could become a code for a door of ours goes on, also if it is no request here. */
    const orRefused = async (bytes: Uint8Array<ArrayBuffer>, refusal: () => unknown): Promise<Ready> => {
      const words = [...url.searchParams, new TextDecoder().decode(bytes)].flat().join(' ');
      if (!isLikeCreation(path) || !real.isOurs(path, words)) return toUpstream(again(request, bytes));
      authorize(request.headers.get('authorization'));
      throw refusal();
    };
    if (!route?.verbs.includes(request.method)) {
      if (!isLikeCreation(path) || request.method === 'OPTIONS') return toUpstream(request);
      const wanted = 'POST /access_codes/create, or PUT for create_multiple, as it is written';
      return orRefused(
        await bytesOf(request, bodyLimit),
        () => new SeamError('method_not_allowed', `For a device with offline codes only ${wanted}`),
      );
    }
    const isKnown = isLetIn(request);
    if (!isKnown && !isCreation(path)) return toUpstream(request);
    const bytes = await bytesOf(request, bodyLimit);
    let given: Given;
    try {
      given = givenIn(request, bytes, url.searchParams);
    } catch (error) {
      return orRefused(bytes, () => error);
    }
    const answer = await real.answer({ ...given, path, request, bytes, isKnown });
    if (answer !== 'ours') return answer;
    if (!isKnown) authorize(request.headers.get('authorization'));
    return { body: await route.answer(service, parametersOf(given)) };
  }

  function isLetIn({ headers }: Request): boolean {
    try {
      authorize(headers.get('authorization'));
      return true;
    } catch {
      return false;
    }
  }

  /** What the caller may know of an error; all the rest is for `onError`. */
  function refusalOf(error: unknown, requestId: string): SeamError {
    const known = error instanceof SeamError && error.type !== 'internal_server_error' ? error : undefined;
    if (known && known.cause === undefined) return known;
    try {
      onError?.(known ? known.cause : error, requestId);
    } catch {
      // Whoever asked gets an answer, also when the log is broken.
    }
    return known ?? new SeamError('internal_server_error', 'Something went wrong; nothing more is told here');
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
      if (!upstream) return respond(200, { ...(await ownAnswer(request, url)), ok: true }, {});
      const answer = await answerBefore(upstream, request, url);
      return 'response' in answer ? answer.response : respond(200, { ...answer.body, ok: true }, {});
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
 * With `upstream` it stands in front of the real API: what is not about an offline code or a device that is held here goes
 * there and comes back unchanged, lists have both, and where there is no answer it is 502 or 504.
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
  const { apiKeys, bodyLimit, onError, upstream, ...ofService } = options;
  if (upstream !== undefined && typeof upstream !== 'function')
    expected('upstream', 'a function that hands a request on', upstream);
  const context = contextOf(ofService);
  const service = serviceOver(context);
  return handlerOver(service, options, upstream && upstreamOf(context, service, upstream));
}
