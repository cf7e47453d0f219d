/**
 * A Fetch handler (a Request in, a Response out: fetch.spec.whatwg.org) behind node:http (RFC 9110, RFC 9112). Knows
 * nothing of what is asked and answered.
 */
import {
  createServer,
  type IncomingMessage,
  type OutgoingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type Answer, InputError, type Where } from './io.ts';

/** In milliseconds. */
export interface Patience {
  /** For the head of a request, and for all of it. */
  readonly head: number;
  readonly request: number;
  /** How often these are looked at. */
  readonly look: number;
  /** How long a body that nobody wants may go on after the answer. */
  readonly linger: number;
  /** How long running requests may go on after `close`. */
  readonly close: number;
}

export const PATIENCE: Patience = { head: 10_000, request: 30_000, look: 5000, linger: 1000, close: 10_000 };

/** A server that listens. */
export interface HttpServer {
  readonly url: string;
  /** Takes no more requests; resolves when the running ones are answered. */
  readonly close: () => Promise<void>;
}

/** What is done when the bytes are asked for, before the first, and when nobody wants them any more. */
interface Wants {
  readonly asked?: () => void;
  readonly cancelled?: () => void;
}

/** Bytes as they are asked for: what is not read stays with the sender. */
export function bodyOf(
  incoming: IncomingMessage,
  { asked, cancelled }: Wants,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let open = true;
  const start = (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void => {
    const end = (settle: () => void) => () => {
      if (open) settle();
      open = false;
    };
    incoming.on('data', (chunk: Uint8Array<ArrayBuffer>) => {
      // Paused before: to hand a chunk on may ask for the next at once, and that must not be undone.
      if (open) {
        incoming.pause();
        controller.enqueue(chunk);
      }
    });
    incoming.on(
      'end',
      end(() => controller.close()),
    );
    incoming.on(
      'close',
      end(() => controller.error(new Error('the connection ended'))),
    );
  };
  const pull = (): void => {
    asked?.();
    incoming.resume();
  };
  const cancel = (): void => {
    open = false;
    cancelled?.();
  };
  return new ReadableStream({ start, pull, cancel }, { highWaterMark: 0 });
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** @throws TypeError for what Fetch has no words for, such as the methods TRACE and CONNECT, and a GET with a body */
function requestOf(
  origin: string,
  incoming: IncomingMessage,
  asked: () => void,
  signal: AbortSignal,
): Request {
  const { method = '', url = '', rawHeaders } = incoming;
  // Put behind the origin, not resolved against it: "//other.example/path" would be another host.
  const path = url.replace(/^https?:\/\/[^/?#]*/i, '');
  if (!path.startsWith('/')) throw new TypeError('not a path');
  // URL would resolve it: a proxy that lets some paths through sees another one.
  if (/^[^?#]*\/(?:\.|%2e){1,2}(?:[/?#]|$)/i.test(path)) throw new TypeError('a path with dots');
  // Not without its body: that may say which of many are meant.
  if (hasBody(incoming) && /^(?:GET|HEAD)$/.test(method)) throw new TypeError('a body where none can be');
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  const body = hasBody(incoming) ? { body: bodyOf(incoming, { asked }), duplex: 'half' as const } : {};
  return new Request(origin + path, { method, headers, signal, ...body });
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type Step = Awaited<ReturnType<Reader['read']>>;

/** A Response whose body is there as a whole, or comes piece by piece. */
interface Opened {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body:
    | { readonly whole: Uint8Array | undefined }
    | { readonly reader: Reader; readonly first: readonly Promise<Step>[] };
}

const bare = (status: number): Opened => ({
  status,
  statusText: '',
  headers: new Headers(),
  body: { whole: new Uint8Array() },
});

/** What was made in one piece is there before anything else happens, and has a length. All else is sent as it comes. */
async function opened({ body }: Response): Promise<Opened['body']> {
  if (body === null) return { whole: undefined };
  const reader: Reader = body.getReader();
  const first = [reader.read(), reader.read()];
  const soon = await Promise.race([
    Promise.all(first),
    new Promise<void>((resolve) => setImmediate(resolve)),
  ]);
  if (!soon?.[1]?.done) return { reader, first };
  return { whole: soon[0]?.value ?? new Uint8Array() };
}

async function answered(answer: Answer, request: Request): Promise<Opened> {
  try {
    const response = await answer(request);
    const { status, statusText, headers } = response;
    return { status, statusText, headers, body: await opened(response) };
  } catch {
    return bare(500);
  }
}

/** Until more can be written, or never will be. */
export function drained(sent: OutgoingMessage): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of ['drain', 'close']) sent.off(event, done);
      resolve();
    };
    if (sent.destroyed) return resolve();
    for (const event of ['drain', 'close']) sent.on(event, done);
  });
}

/** Sends no faster than the client takes it; to hang up ends the reading. */
async function pass(
  { reader, first }: { readonly reader: Reader; readonly first: readonly Promise<Step>[] },
  outgoing: ServerResponse,
): Promise<void> {
  // The head, without waiting for the body. `flushHeaders` writes it in UTF-8, which headers are not.
  outgoing.write(new Uint8Array());
  // Also a reading under way: what is waited for may never come.
  const stop = (): void => void reader.cancel().catch(() => undefined);
  outgoing.on('close', stop);
  // A long body would be read for nothing.
  if (outgoing.destroyed || outgoing.req.method === 'HEAD') stop();
  for (let at = 0; ; at++) {
    const { done, value } = await (first[at] ?? reader.read());
    if (done) return;
    if (!outgoing.write(value)) await drained(outgoing);
  }
}

/** Until a body that nobody wants is over, or nobody waits any longer. */
function over(incoming: IncomingMessage, linger: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, linger);
    for (const event of ['end', 'close'])
      incoming.on(event, () => {
        clearTimeout(timer);
        resolve();
      });
  });
}

/** What was not read is thrown away: it stands before the next request. */
function drop(incoming: IncomingMessage): void {
  incoming.removeAllListeners('data');
  incoming.resume();
}

async function send(
  { status, statusText, headers, body }: Opened,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  last: boolean,
  linger: number,
): Promise<void> {
  if ('whole' in body) {
    drop(incoming);
    // What came in one piece with the head is read a turn later: a short body that nobody wants costs no connection.
    if (!incoming.complete) await new Promise((resolve) => setImmediate(resolve));
  }
  outgoing.statusCode = status;
  outgoing.statusMessage = statusText;
  outgoing.setHeaders(headers);
  if ('whole' in body && body.whole) outgoing.setHeader('content-length', body.whole.length);
  if (last || !incoming.complete) outgoing.setHeader('connection', 'close');
  if ('whole' in body && incoming.complete) {
    outgoing.end(body.whole);
    return;
  }
  if ('reader' in body) {
    await pass(body, outgoing);
    drop(incoming);
  } else {
    outgoing.flushHeaders();
    if (body.whole) outgoing.write(body.whole);
  }
  // To close with unread bytes resets the connection, and the client may never see the answer (RFC 9112, section 9.6).
  if (!incoming.complete) await over(incoming, linger);
  outgoing.end();
}

const NO_LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use; --port takes another, or 0 for any that is free',
  EACCES: 'it is not allowed; ports below 1024 are often kept for the system',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
};

function listening(server: Server, { host, port }: Where): Promise<number> {
  return new Promise((resolve, reject) => {
    // For good: what goes wrong with one connection later is no reason to end.
    server.on('error', (error) => {
      const code = 'code' in error ? String(error.code) : 'error';
      reject(new InputError(`cannot listen at port ${port} of that host: ${NO_LISTENING[code] ?? code}`));
    });
    server.listen({ host, port }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** The host as a URL has it: IPv6 in brackets, without its zone. */
const urlHost = (host: string): string => (host.includes(':') ? `[${host.replace(/%.*$/, '')}]` : host);

/**
 * Answers HTTP/1.1 at a place. By node:http, what is not HTTP gets 400, too large a head 431, and who is too slow 408; an
 * answer that throws is a bare 500.
 *
 * @throws InputError where it cannot listen
 */
export async function listenHttp(
  answer: Answer,
  where: Where,
  patience: Patience = PATIENCE,
): Promise<HttpServer> {
  let url = '';
  let closing = false;
  let running = 0;
  const server = createServer({
    headersTimeout: patience.head,
    requestTimeout: patience.request,
    connectionsCheckingInterval: Math.min(patience.look, patience.request / 4),
  });
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse, asked: () => void) => {
    running++;
    // Without a listener, to write to a client that just hung up would end the process.
    outgoing.on('error', () => undefined);
    const gone = new AbortController();
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) gone.abort();
      running--;
      if (closing && running === 0) server.closeAllConnections();
    });
    let request: Request | undefined;
    try {
      request = requestOf(url, incoming, asked, gone.signal);
    } catch {}
    const opened = request ? await answered(answer, request) : bare(400);
    await send(opened, incoming, outgoing, closing, patience.linger).catch(() => outgoing.destroy());
  };
  server.on('request', (incoming, outgoing) => void serve(incoming, outgoing, () => undefined));
  // The client waits for a word before it sends the body: it comes when the body is asked for, and not if the answer is no.
  server.on('checkContinue', (incoming, outgoing) => {
    let told = false;
    void serve(incoming, outgoing, () => {
      if (!told) outgoing.writeContinue();
      told = true;
    });
  });
  url = `http://${urlHost(where.host)}:${await listening(server, where)}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      closing = true;
      const timer = setTimeout(() => server.closeAllConnections(), patience.close);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      if (running === 0) server.closeAllConnections();
    });
  return { url, close };
}
