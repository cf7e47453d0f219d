/**
 * Hands requests to the server behind this one, by node:http and not by `fetch`, which would unpack bodies and follow
 * redirects. Everything goes on as it is, but what is of one connection only (RFC 9110, section 7.6.1).
 */
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as SecureAgent } from 'node:https';
import type { Forward } from '../seam/index.ts';
import { bodyOf, drained } from './http.ts';
import { UsageError } from './io.ts';

const HOP_BY_HOP = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** Whether a header is of this connection alone: by its name, or because `connection` names it. */
function isOfThisHop(connection: string | null = null): (name: string) => boolean {
  const named = (connection ?? '').split(',').map((name) => name.trim().toLowerCase());
  const left = new Set([...HOP_BY_HOP, ...named]);
  return (name) => left.has(name) || name.startsWith('proxy-');
}

function headersFor({ headers, body }: Request): Readonly<Record<string, string>> {
  const isLeft = isOfThisHop(headers.get('connection'));
  // `expect` was met by this server, and `host` is the other one's name.
  const passed = [...headers].filter(([name]) => !isLeft(name) && name !== 'host' && name !== 'expect');
  const known = Object.fromEntries(passed);
  // node:http sends the body of a DELETE without a word of where it ends.
  return body === null || 'content-length' in known ? known : { ...known, 'transfer-encoding': 'chunked' };
}

/** One by one as they came: each `set-cookie` stays its own. */
function headersIn({ rawHeaders, headers: { connection } }: IncomingMessage): Headers {
  const isLeft = isOfThisHop(connection);
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!isLeft(name.toLowerCase())) headers.append(name, rawHeaders[at + 1] ?? '');
  }
  return headers;
}

/** @throws what Fetch has no words for, such as a status above 599 */
function responseOf(incoming: IncomingMessage, method: string): Response {
  const { statusCode: status = 0, statusMessage: statusText = '' } = incoming;
  // Fetch lets these have no body, not even an empty one.
  const isBare = method === 'HEAD' || [204, 205, 304].includes(status);
  if (isBare) incoming.resume();
  const body = isBare ? null : bodyOf(incoming, { cancelled: () => incoming.destroy() });
  return new Response(body, { status, statusText, headers: headersIn(incoming) });
}

/** A time limit that runs only while the other side is waited for. */
interface Watch {
  readonly start: () => void;
  readonly stop: () => void;
  /** For good. */
  readonly end: () => void;
}

function watchFor(patience: number, late: () => void): Watch {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const stop = (): void => clearTimeout(timer);
  return {
    start: () => {
      stop();
      if (!isOver) timer = setTimeout(late, patience);
    },
    stop,
    end: () => {
      stop();
      isOver = true;
    },
  };
}

/** No faster than the other side takes it. */
async function sendBody({ body }: Request, sent: ClientRequest, watch: Watch): Promise<void> {
  for await (const chunk of body ?? []) {
    if (sent.destroyed) return;
    watch.start();
    if (!sent.write(chunk)) await drained(sent);
    watch.stop();
  }
  watch.start();
  sent.end();
}

/** @throws UsageError; the URL is not repeated: there may be a password in it */
function baseOf(text: string): URL {
  const wanted = (what: string): never => {
    throw new UsageError(`--upstream takes ${what}`);
  };
  const url = URL.canParse(text) ? new URL(text) : wanted('a URL such as https://connect.getseam.com');
  if (!/^https?:$/.test(url.protocol)) wanted('a URL that begins with https:// or http://');
  if (url.username !== '' || url.password !== '') wanted('a URL without a user or a password');
  if (/[?#]/.test(text)) wanted('a URL without ? and #');
  return url;
}

/** Less than the 5 seconds after which many servers end a connection that rests: the next request would break on it. */
const REST = 4000;

/**
 * Hands requests to the server at a URL, whose path is put before theirs. The time limit is for the head of an answer, in
 * milliseconds: it runs while that is waited for, or the body is not taken. Who hangs up ends the request there too.
 *
 * @throws UsageError: no http or https URL, or one with credentials, a query or a fragment; used, it rejects with the errors
 *   of node:http, and with a `TimeoutError`
 */
export function forwardTo(url: string, patience: number = 20_000): Forward {
  const base = baseOf(url);
  const isSecure = base.protocol === 'https:';
  const options = { keepAlive: true, timeout: REST };
  const agent = isSecure ? new SecureAgent(options) : new Agent(options);
  const open = isSecure ? requestHttps : requestHttp;
  const before = base.pathname.replace(/\/$/, '');
  return (request) =>
    new Promise((resolve, reject) => {
      const { method, signal } = request;
      const { pathname, search } = new URL(request.url);
      const path = before + pathname + search;
      const sent = open(base, { agent, method, path, headers: headersFor(request), signal });
      const watch = watchFor(patience, () =>
        sent.destroy(new DOMException('no answer in time', 'TimeoutError')),
      );
      sent.on('error', reject);
      sent.on('close', watch.end);
      sent.on('response', (incoming) => {
        watch.end();
        // Without a listener a connection that breaks would end the process; who reads the body is told at its end.
        incoming.on('error', () => undefined);
        // Who has answered in full before it was told everything wants no more.
        incoming.on('end', () => {
          if (!sent.writableEnded) sent.destroy();
        });
        try {
          resolve(responseOf(incoming, method));
        } catch (error) {
          sent.destroy();
          reject(error);
        }
      });
      sendBody(request, sent, watch).catch((error: unknown) => {
        sent.destroy();
        reject(error);
      });
    });
}
