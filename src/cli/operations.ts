/**
 * What an operator sees of a server: `/health`, `/ready` and `/metrics`, and what each request leaves in the counts and in
 * the log. All of it is counts and words of ours: which device, code or key it was about is nowhere in it.
 */
import { ROUTES } from '../seam/routes.ts';
import type { WebhookRound } from '../seam/webhooks.ts';
import { VERSION } from './help.ts';
import type { Answer } from './io.ts';
import type { Log } from './log.ts';
import { METRICS_TYPE, Metrics } from './metrics.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Counts = ReturnType<typeof counts>;

/** What is counted from the start of the process on. */
export function counts() {
  const metrics = new Metrics();
  const entered = metrics.counter(
    'pintumbler_webhook_deliveries_entered_total',
    'Events that were put down for a webhook.',
    [{}],
  );
  const deliveries = metrics.counter(
    'pintumbler_webhook_deliveries_total',
    'Tries to deliver them, by outcome: delivered, put_back to be tried again, or failed for good.',
    [{ outcome: 'delivered' }, { outcome: 'put_back' }, { outcome: 'failed' }],
  );
  let pending: number | undefined;
  metrics.gauge(
    'pintumbler_webhook_pending',
    'Deliveries still to be made, counted up to 1000.',
    () => pending,
  );
  metrics.gauge('pintumbler_build_info', 'Which release this is; always 1.', () => 1, { version: VERSION });
  return {
    metrics,
    requests: metrics.counter(
      'pintumbler_requests_total',
      'Requests answered, by route, by status, and by whom: here or by the upstream.',
    ),
    durations: metrics.histogram(
      'pintumbler_request_duration_seconds',
      'Time until the answer to a request was ready to be sent.',
      SECONDS,
    ),
    created: metrics.counter(
      'pintumbler_codes_created_total',
      'Access codes in answers to create, create_multiple and pull_backup_access_code; a repeated answer counts again.',
      [{}],
    ),
    refused: metrics.counter(
      'pintumbler_codes_refused_total',
      'Access codes that these did not create, by the error code of the access code or the type of the error.',
    ),
    storeErrors: metrics.counter('pintumbler_store_errors_total', 'Queries of the database that failed.', [
      {},
    ]),
    webhooks: (round: WebhookRound): void => {
      entered({}, round.entered);
      deliveries({ outcome: 'delivered' }, round.delivered);
      deliveries({ outcome: 'put_back' }, round.putBack);
      deliveries({ outcome: 'failed' }, round.failed);
    },
    pending: (count: number): void => {
      pending = count;
    },
    taskErrors: metrics.counter(
      'pintumbler_task_errors_total',
      'Failures of work in the background, by task.',
    ),
  };
}

const CREATIONS: ReadonlySet<string> = new Set([
  '/access_codes/create',
  '/access_codes/create_multiple',
  '/access_codes/pull_backup_access_code',
]);

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** A property of what JSON gave. */
const of = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const wordOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** What the body of an answer of ours says; it is read from a copy, and only where that is needed. */
async function bodyOf(response: Response, route: string): Promise<unknown> {
  if (response.status < 400 && !CREATIONS.has(route)) return undefined;
  try {
    return JSON.parse(await response.clone().text());
  } catch {
    // An answer to HEAD has no body.
    return undefined;
  }
}

function countCodes({ created, refused }: Counts, body: unknown): void {
  const [one, many] = [of(body, 'access_code'), listOf(of(body, 'access_codes'))];
  for (const code of one === undefined ? many : [one]) {
    const reason = wordOf(of(listOf(of(code, 'errors'))[0], 'error_code'));
    if (reason !== undefined && of(code, 'code') === null) refused({ reason });
    else created();
  }
}

/** The client's SDK, if it says so and it looks like a version. */
function sdkVersion({ headers }: Request): string | undefined {
  const version = headers.get('seam-sdk-version') ?? '';
  return /^\d{1,4}\.\d{1,4}\.\d{1,5}(?:-[a-z]{1,8}\.?\d{0,4})?$/.test(version) ? version : undefined;
}

export interface Operations {
  readonly counts: Counts;
  readonly log: Log;
  readonly uuid: () => string;
  /** Milliseconds that only go forward. */
  readonly ticks: () => number;
  /** Why nothing should be sent here now; undefined: all is well. */
  readonly unready: () => Promise<'stopping' | 'store' | undefined>;
  /** Whether a request with this `authorization` header may pass. */
  readonly allows: (header: string | null) => boolean;
  /** Whether an answer is the upstream's own. */
  readonly isUpstreams: (response: Response) => boolean;
}

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  });

type Probe = (operations: Operations) => Promise<Response>;

/** The answers of an operator's paths. */
const PROBES: ReadonlyMap<string, Probe> = new Map<string, Probe>([
  ['/health', async () => json(200, { status: 'ok' })],
  [
    '/ready',
    async ({ unready }) => {
      const reason = await unready();
      return reason === undefined
        ? json(200, { status: 'ready' })
        : json(503, { status: 'not_ready', reason });
    },
  ],
  [
    '/metrics',
    async ({ counts: { metrics } }) =>
      new Response(metrics.text(), {
        headers: { 'content-type': METRICS_TYPE, 'cache-control': 'no-store' },
      }),
  ],
]);

/** As the facade says it: SDKs look at the status, and people at the message. */
function tooMany(requestId: string): Response {
  const error = { type: 'rate_limit_exceeded', message: 'Too many requests a minute with this API key' };
  return json(429, { error, ok: false }, { 'seam-request-id': requestId });
}

/** A handler with the operator's paths before it, and an eye on it. */
export function operated(answer: Answer, operations: Operations): Answer {
  const { counts, log, uuid, ticks, allows, isUpstreams } = operations;

  function tell(
    request: Request,
    response: Response | undefined,
    route: string,
    began: number,
    body: unknown,
  ): void {
    const status = response?.status ?? 500;
    const seconds = (ticks() - began) / 1000;
    const by = response && isUpstreams(response) ? 'upstream' : 'here';
    const error = wordOf(of(of(body, 'error'), 'type'));
    counts.requests({ route, status: String(status), by });
    counts.durations({ route }, seconds);
    if (CREATIONS.has(route) && by === 'here') {
      if (error !== undefined) counts.refused({ reason: error });
      else countCodes(counts, body);
    }
    const id = response?.headers.get('seam-request-id') ?? '';
    log.request(status < 500 ? 'info' : 'error', {
      request_id: /^[\w-]{1,64}$/.test(id) ? id : undefined,
      route,
      method: METHODS.has(request.method) ? request.method : 'other',
      status,
      ms: Math.round(seconds * 10_000) / 10,
      by,
      error,
      sdk_version: sdkVersion(request),
    });
  }

  return async (request) => {
    const { pathname } = new URL(request.url);
    const probe = PROBES.get(pathname);
    if (probe && !['GET', 'HEAD'].includes(request.method))
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } });
    if (probe) {
      const response = await probe(operations);
      return request.method === 'HEAD' ? new Response(null, response) : response;
    }
    const [began, route] = [ticks(), ROUTES.has(pathname) ? pathname : 'other'];
    try {
      const response = allows(request.headers.get('authorization')) ? await answer(request) : tooMany(uuid());
      tell(
        request,
        response,
        route,
        began,
        isUpstreams(response) ? undefined : await bodyOf(response, route),
      );
      return response;
    } catch (error) {
      tell(request, undefined, route, began, undefined);
      throw error;
    }
  };
}
