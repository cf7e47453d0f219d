/**
 * What goes to the server behind this one and comes back, over real sockets on both sides: bytes, headers, streams, and what
 * happens when one of the three hangs up or is slow. Before it stands `listenHttp`, behind it a server that says exactly
 * what it is told to.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { igloohome } from 'pintumbler/vendors';
import { afterEach, describe, expect, it } from 'vitest';
import { forwardTo } from '../src/cli/forward.ts';
import { listenHttp } from '../src/cli/http.ts';
import type { Answer } from '../src/cli/io.ts';
import { apiKeyHash, memoryStore, seamHandler } from '../src/seam/index.ts';
import { at } from './support/helpers.ts';
import { type RawClient, rawClient, until } from './support/raw-client.ts';
import { API_KEY, doorFor, uuidOf } from './support/seam-world.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function portOf(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A server that reads a request to the end that `isWhole` sees, and says what it is told to. */
async function saying(
  said: string | Buffer,
  isWhole: (heard: string) => boolean = (heard) => heard.includes('\r\n\r\n'),
) {
  const told: { heard: string; connections: number } = { heard: '', connections: 0 };
  const server = createTcpServer((socket) => {
    told.connections++;
    let heard = '';
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard += chunk;
      if (!isWhole(heard)) return;
      told.heard = heard;
      heard = '';
      socket.write(said);
    });
  });
  return { told, port: await portOf(server) };
}

async function behaving(run: (incoming: IncomingMessage, outgoing: ServerResponse) => void): Promise<number> {
  return portOf(createServer(run));
}

/** Our server before the one at a port. */
async function inFront(port: number, { path = '', patience = 5000 } = {}): Promise<string> {
  return serving(forwardTo(`http://127.0.0.1:${port}${path}`, patience));
}

async function serving(answer: Answer): Promise<string> {
  const { url, close } = await listenHttp(
    answer,
    { host: '127.0.0.1', port: 0 },
    { head: 10_000, request: 30_000, look: 5000, linger: 300, close: 100 },
  );
  open.push(close);
  return url;
}

function client(url: string): RawClient {
  const made = rawClient(url);
  open.push(() => made.socket.destroy());
  return made;
}

/** Until nothing has come for a while. */
async function stillness(count: () => number): Promise<void> {
  for (let last = -1, still = 0; still < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    still = count() === last ? still + 1 : 0;
    last = count();
  }
}

/** The lines of a head, sorted: header names in lower case, their order of no matter. */
function headOf(message: string): readonly string[] {
  const [start = '', ...lines] = (message.split('\r\n\r\n')[0] ?? '').split('\r\n');
  const headers = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
  return [start, ...headers.sort()];
}

const bodyOf = (message: string): string => message.slice(message.indexOf('\r\n\r\n') + 4);

/** What is sent in chunks. */
function joined(chunked: string): string {
  let [text, rest] = ['', chunked];
  for (;;) {
    const [, size = ''] = /^([0-9a-f]+)\r\n/.exec(rest) ?? [];
    const length = Number.parseInt(size, 16);
    if (Number.isNaN(length)) throw new Error('no chunk');
    if (length === 0) return text;
    text += rest.slice(size.length + 2, size.length + 2 + length);
    rest = rest.slice(size.length + 4 + length);
  }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));

describe('a request', () => {
  it('goes on with its method, target, headers and body, byte for byte', async () => {
    const { told, port } = await saying(OK, (heard) => heard.endsWith('\xff'));
    const { socket, heard } = client(await inFront(port));
    socket.write(
      'PATCH /a%20b/%C3%A9?x=1&x=2&y=a+b%2F HTTP/1.1\r\nHost: facade.test\r\nContent-Length: 256\r\n' +
        `Authorization: Bearer ${API_KEY}\r\nSeam-Workspace: w\r\nContent-Type: application/json\r\n` +
        'Accept-Encoding: br, gzip\r\nUser-Agent: a/1 (b; c)\r\nX-Latin: \xe9\r\nConnection: close\r\n\r\n',
      'latin1',
    );
    socket.write(bytes);
    expect((await heard).endsWith('ok')).toBe(true);
    expect(headOf(told.heard)).toEqual([
      'PATCH /a%20b/%C3%A9?x=1&x=2&y=a+b%2F HTTP/1.1',
      'accept-encoding: br, gzip',
      `authorization: Bearer ${API_KEY}`,
      'connection: keep-alive',
      'content-length: 256',
      'content-type: application/json',
      `host: 127.0.0.1:${port}`,
      'seam-workspace: w',
      'user-agent: a/1 (b; c)',
      'x-latin: \xe9',
    ]);
    expect(bodyOf(told.heard)).toBe(bytes.toString('latin1'));
  });

  it('leaves behind what is of the connection alone', async () => {
    const { told, port } = await saying(OK, (heard) => heard.endsWith('0\r\n\r\n'));
    const { socket, heard } = client(await inFront(port));
    socket.write(
      'POST / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n' +
        'Proxy-Authorization: p\r\nProxy-Connection: close\r\nTE: trailers\r\nTrailer: X-T\r\nUpgrade: h2c\r\n' +
        'Transfer-Encoding: chunked\r\nX-End: 1\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n',
    );
    await heard;
    expect(headOf(told.heard)).toEqual([
      'POST / HTTP/1.1',
      'connection: keep-alive',
      `host: 127.0.0.1:${port}`,
      'transfer-encoding: chunked',
      'x-end: 1',
    ]);
    expect(joined(bodyOf(told.heard))).toBe('abcde');
  });

  it.each<[string, string, RegExp]>([
    ['POST without a body', 'POST / HTTP/1.1\r\n', /^content-length: 0$/m],
    ['GET', 'GET / HTTP/1.1\r\n', /^host: /m],
    ['DELETE', 'DELETE / HTTP/1.1\r\n', /^host: /m],
  ])('%s says that there is no body', async (_, line, wanted) => {
    const { told, port } = await saying(OK);
    const { socket, heard } = client(await inFront(port));
    socket.write(`${line}Host: a\r\nConnection: close\r\n\r\n`);
    expect((await heard).endsWith('ok')).toBe(true);
    expect(headOf(told.heard).join('\n')).toMatch(wanted);
    expect(headOf(told.heard).join('\n')).not.toContain('transfer-encoding');
    expect(bodyOf(told.heard)).toBe('');
  });

  it('DELETE in chunks says where its body ends', async () => {
    const { told, port } = await saying(OK, (heard) => heard.endsWith('0\r\n\r\n'));
    const { socket, heard } = client(await inFront(port));
    socket.write('DELETE / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n');
    socket.write('2\r\n{}\r\n0\r\n\r\n');
    expect((await heard).endsWith('ok')).toBe(true);
    expect(headOf(told.heard)).toContain('transfer-encoding: chunked');
    expect(joined(bodyOf(told.heard))).toBe('{}');
  });

  it.each([
    ['', '/x?y'],
    ['/', '/x?y'],
    ['/v1', '/v1/x?y'],
    ['/v1/', '/v1/x?y'],
  ])('goes under the path of the upstream: "%s"', async (path, expected) => {
    const { told, port } = await saying(OK);
    expect(await (await fetch(`${await inFront(port, { path })}/x?y`)).text()).toBe('ok');
    expect(told.heard).toMatch(new RegExp(`^GET ${expected.replace('?', '\\?')} `));
  });

  it('stays on that server, whatever target and host it names', async () => {
    const { told, port } = await saying(OK);
    const url = await inFront(port, { path: '/v1' });
    for (const target of ['//evil.test/x', 'http://evil.test/x', '/%2e%2ex', '/@evil.test']) {
      const { socket, heard } = client(url);
      socket.write(`GET ${target} HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n`);
      expect((await heard).endsWith('ok')).toBe(true);
      expect(told.heard).toMatch(/^GET \/v1\//);
      expect(headOf(told.heard)).toContain(`host: 127.0.0.1:${port}`);
    }
  });

  it('whose client waits for a word is asked for its body', async () => {
    const { told, port } = await saying(OK, (heard) => heard.endsWith('hello'));
    const { socket, heard, sofar } = client(await inFront(port));
    socket.write(
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n',
    );
    await until(() => sofar().includes('100 Continue'));
    socket.write('hello');
    expect((await heard).endsWith('ok')).toBe(true);
    expect(told.heard).not.toMatch(/^expect:/im);
  });

  it('after another goes over the same connection', async () => {
    const { told, port } = await saying(OK);
    const url = await inFront(port);
    for (let asked = 0; asked < 3; asked++) expect(await (await fetch(url)).text()).toBe('ok');
    expect(told.connections).toBe(1);
  });
});

describe('an answer', () => {
  it('comes back as it is: status, reason, headers, cookies each alone, and compressed bytes', async () => {
    const packed = gzipSync('{"devices":[]}');
    const head =
      'HTTP/1.1 418 Short And Stout\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n' +
      `Content-Length: ${packed.length}\r\nSeam-Request-Id: r-1\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n` +
      'Set-Cookie: a=1, x; Path=/\r\nSet-Cookie: b=2\r\nETag: "e"\r\nX-Latin: \xe9\r\nLocation: /elsewhere\r\n' +
      'Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nProxy-Authenticate: p\r\nUpgrade: h2c\r\n\r\n';
    const { port } = await saying(Buffer.concat([Buffer.from(head, 'latin1'), packed]));
    const { socket, heard } = client(await inFront(port));
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const message = await heard;
    expect(headOf(message)).toEqual([
      'HTTP/1.1 418 Short And Stout',
      'connection: close',
      'content-encoding: gzip',
      `content-length: ${packed.length}`,
      'content-type: application/json',
      'date: Thu, 01 Jan 1970 00:00:00 GMT',
      'etag: "e"',
      'location: /elsewhere',
      'seam-request-id: r-1',
      'set-cookie: a=1, x; Path=/',
      'set-cookie: b=2',
      'x-latin: \xe9',
    ]);
    expect(bodyOf(message)).toBe(packed.toString('latin1'));
  });

  it.each([301, 400, 401, 404, 429, 500, 503])('of status %i comes back', async (status) => {
    const { port } = await saying(`HTTP/1.1 ${status} Any\r\nContent-Length: 2\r\nLocation: /x\r\n\r\nno`);
    const response = await fetch(await inFront(port), { redirect: 'manual' });
    expect([response.status, response.statusText, await response.text()]).toEqual([status, 'Any', 'no']);
  });

  it.each([
    ['HEAD', '200 OK', 'Content-Length: 1234', 'content-length: 1234'],
    ['GET', '204 No Content', 'X-A: 1', 'x-a: 1'],
    ['GET', '304 Not Modified', 'ETag: "e"\r\nContent-Length: 7', 'etag: "e"'],
    ['POST', '205 Reset Content', 'Content-Length: 0', 'content-length: 0'],
  ])('without a body has none: %s, %s', async (method, status, headers, line) => {
    const { told, port } = await saying(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n`);
    const url = await inFront(port);
    for (let asked = 0; asked < 2; asked++) {
      const { socket, heard } = client(url);
      socket.write(`${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      const message = await heard;
      expect(headOf(message)).toContain(line);
      expect(bodyOf(message)).toBe('');
    }
    expect(told.connections).toBe(1);
  });

  it('after an interim one is the one that counts', async () => {
    const { port } = await saying(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`);
    expect(await (await fetch(await inFront(port))).text()).toBe('ok');
  });

  it('without a length goes on to the end of its connection', async () => {
    const port = await portOf(
      createTcpServer((socket) => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end')),
    );
    expect(await (await fetch(await inFront(port))).text()).toBe('to the end');
  });

  it('comes piece by piece: the head before the body, the first piece before the last is there', async () => {
    const held: { outgoing?: ServerResponse } = {};
    const port = await behaving((_, outgoing) => {
      held.outgoing = outgoing;
      outgoing.writeHead(200, { 'x-a': '1' }).flushHeaders();
    });
    const { socket, sofar, heard } = client(await inFront(port));
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await until(() => sofar().includes('\r\n\r\n'));
    expect(headOf(sofar())).toContain('x-a: 1');
    held.outgoing?.write('first');
    await until(() => sofar().includes('first'));
    held.outgoing?.end('last');
    expect(joined(bodyOf(await heard))).toBe('firstlast');
  });

  it('comes no faster than it is read: the rest stays with the upstream', async () => {
    let sent = 0;
    const block = Buffer.alloc(65_536, 'x');
    const port = await behaving((_, outgoing) => {
      const more = (): void => {
        do sent += block.length;
        while (outgoing.write(block));
      };
      outgoing.on('drain', more);
      more();
    });
    const { socket } = client(await inFront(port));
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => sent > 0);
    await stillness(() => sent);
    const stopped = sent;
    // The buffers of four sockets, and no more.
    expect(stopped).toBeLessThan(60_000_000);
    socket.resume();
    await until(() => sent > stopped + 10_000_000);
  });

  it.each<[string, string]>([
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ])('that breaks off %s is not taken for a whole one', async (_, said) => {
    const port = await portOf(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', () => socket.write(said, () => setTimeout(() => socket.destroy(), 20)));
      }),
    );
    const url = await inFront(port);
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow();
    const { socket, heard } = client(url);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await heard).endsWith('0\r\n\r\n')).toBe(false);
  });

  it.each<[string, string]>([
    ['no HTTP', 'what is this?\r\n\r\n'],
    ['a status that Fetch does not know', 'HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n'],
    ['nothing', ''],
  ])('that is %s is an error, and the server goes on', async (_, said) => {
    const port = await portOf(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', () => socket.end(said));
      }),
    );
    const answer = forwardTo(`http://127.0.0.1:${port}`);
    for (let asked = 0; asked < 2; asked++)
      await expect(answer(new Request('http://facade/'))).rejects.toThrow();
  });
});

describe('a body', () => {
  it('goes on piece by piece, and both ways at once', async () => {
    const port = await behaving((incoming, outgoing) => {
      outgoing.flushHeaders();
      incoming.pipe(outgoing);
    });
    const { socket, sofar, heard } = client(await inFront(port));
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n');
    for (const piece of ['one', 'two', 'six']) {
      socket.write(`3\r\n${piece}\r\n`);
      await until(() => sofar().includes(piece));
    }
    socket.write('0\r\n\r\n');
    expect(joined(bodyOf(await heard))).toBe('onetwosix');
  });

  it('goes on no faster than it is taken: the rest stays with the client', async () => {
    const held: { incoming?: IncomingMessage; outgoing?: ServerResponse } = {};
    const port = await behaving((incoming, outgoing) => Object.assign(held, { incoming, outgoing }));
    const { socket, heard } = client(await inFront(port));
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000000\r\nConnection: close\r\n\r\n');
    socket.write(Buffer.alloc(60_000_000));
    await stillness(() => socket.writableLength);
    expect(socket.writableLength).toBeGreaterThan(20_000_000);
    let taken = 0;
    held.incoming?.on('data', (chunk: Buffer) => {
      taken += chunk.length;
    });
    held.incoming?.on('end', () => held.outgoing?.end(String(taken)));
    expect((await heard).endsWith('60000000')).toBe(true);
  });

  it('that the upstream refuses before it is all there: the client reads why', async () => {
    const port = await behaving((_, outgoing) =>
      outgoing.writeHead(413, { connection: 'close' }).end('too large'),
    );
    const { socket, heard } = client(await inFront(port));
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nhalf');
    const message = await heard;
    expect(message).toMatch(/^HTTP\/1\.1 413/);
    expect(message.endsWith('too large')).toBe(true);
  });

  it('that breaks off is no whole one for the upstream', async () => {
    const seen: string[] = [];
    const port = await behaving((incoming) => {
      incoming.on('error', () => seen.push('broken'));
      incoming.on('end', () => seen.push('whole'));
      incoming.resume();
    });
    const { socket } = client(await inFront(port));
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await until(() => seen.length > 0);
    expect(seen).toEqual(['broken']);
  });
});

describe('a body that fails where it is made', () => {
  it('ends the request at the upstream', async () => {
    let ended = false;
    const port = await behaving((_, outgoing) => {
      outgoing.on('close', () => {
        ended = true;
      });
    });
    const held: { controller?: ReadableStreamDefaultController } = {};
    const body = new ReadableStream({
      start: (controller) => {
        held.controller = controller;
        controller.enqueue(new Uint8Array(4));
      },
    });
    const request = new Request('http://facade/', { method: 'POST', body, duplex: 'half' });
    const answered = forwardTo(`http://127.0.0.1:${port}`)(request);
    answered.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    held.controller?.error(new Error('failed'));
    await expect(answered).rejects.toThrow('failed');
    await until(() => ended);
  });
});

describe('a client that hangs up', () => {
  it('before the answer ends the request at the upstream', async () => {
    const ends: string[] = [];
    const port = await behaving((_, outgoing) => {
      ends.push('asked');
      outgoing.on('close', () => ends.push('ended'));
    });
    const { socket } = client(await inFront(port, { patience: 1e6 }));
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => ends.length === 1);
    socket.destroy();
    await until(() => ends.length === 2);
    expect(ends).toEqual(['asked', 'ended']);
  });

  it('in the answer ends it too', async () => {
    let ended = false;
    const port = await behaving((_, outgoing) => {
      outgoing.write('first');
      outgoing.on('close', () => {
        ended = true;
      });
    });
    const { socket, sofar } = client(await inFront(port));
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => sofar().includes('first'));
    socket.destroy();
    await until(() => ended);
  });

  it('is one who wants no more of the body', async () => {
    let ended = false;
    const port = await behaving((_, outgoing) => {
      outgoing.write('first');
      outgoing.on('close', () => {
        ended = true;
      });
    });
    const response = await forwardTo(`http://127.0.0.1:${port}`)(new Request('http://facade/'));
    await response.body?.cancel();
    await until(() => ended);
  });

  it('while more is sent than it reads ends it too', async () => {
    let ended = false;
    const block = Buffer.alloc(65_536, 'x');
    const port = await behaving((_, outgoing) => {
      const more = (): void => {
        while (outgoing.write(block));
      };
      outgoing.on('drain', more);
      outgoing.on('close', () => {
        ended = true;
      });
      more();
    });
    const { socket } = client(await inFront(port));
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    socket.destroy();
    await until(() => ended);
  });
});

/** The facade before the server at a port. */
async function facadeBefore(upstream: string, patience?: number) {
  const errors: unknown[] = [];
  const handler = seamHandler({
    devices: [doorFor(igloohome, 1)],
    store: memoryStore(),
    now: () => at('2026-03-01T12:00Z'),
    uuid: () => uuidOf(1),
    apiKeys: [apiKeyHash(API_KEY)],
    onError: (error) => errors.push(error),
    upstream: forwardTo(upstream, patience),
  });
  return { errors, url: await serving(handler) };
}

describe('an upstream', () => {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };

  async function refusal(url: string, path: string) {
    const response = await fetch(url + path, { method: 'POST', headers, body: '{}' });
    const text = await response.text();
    expect(response.headers.get('seam-request-id')).toBe(uuidOf(1));
    expect(text).not.toMatch(/127\.0|ECONN|seam_test/);
    return [response.status, JSON.parse(text).error.type];
  }

  it('that cannot be reached is 502 in the envelope, and the operator is told why', async () => {
    const { url, errors } = await facadeBefore(`http://127.0.0.1:${await portOf(createTcpServer())}`);
    for (const close of open.splice(0, 1)) await close();
    expect(await refusal(url, '/thermostats/list')).toEqual([502, 'upstream_unavailable']);
    expect(await refusal(url, '/devices/list')).toEqual([502, 'upstream_unavailable']);
    expect(errors).toEqual([
      expect.objectContaining({ code: 'ECONNREFUSED' }),
      expect.objectContaining({ code: 'ECONNREFUSED' }),
    ]);
  });

  it.each([
    ['says nothing', () => undefined],
    ['takes no body', (socket: Socket) => void socket.pause()],
  ])('that %s is 504 after a while', async (_, run) => {
    const port = await portOf(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
        run(socket);
      }),
    );
    const { url, errors } = await facadeBefore(`http://127.0.0.1:${port}`, 100);
    expect(await refusal(url, '/thermostats/list')).toEqual([504, 'upstream_timeout']);
    expect(errors).toEqual([expect.objectContaining({ name: 'TimeoutError' })]);
    const { socket, sofar } = client(url);
    socket.write('POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 60000000\r\n\r\n');
    socket.write(Buffer.alloc(30_000_000));
    await until(() => sofar().startsWith('HTTP/1.1 504'));
  });

  it('is not blamed for a client that is slow, nor for a body that is long after its head', async () => {
    const port = await behaving((incoming, outgoing) => {
      incoming.resume();
      incoming.on('end', () => {
        outgoing.write('first');
        setTimeout(() => outgoing.end('last'), 300);
      });
    });
    const { socket, heard } = client(await inFront(port, { patience: 100 }));
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: close\r\n\r\nab');
    await new Promise((resolve) => setTimeout(resolve, 300));
    socket.write('cd');
    expect(joined(bodyOf(await heard))).toBe('firstlast');
  });

  it('gives the facade its lists, and its errors to the client, as they are', async () => {
    const theirs = { device_id: uuidOf(0xe1), display_name: 'Theirs' };
    const port = await behaving((incoming, outgoing) => {
      const isList = incoming.url === '/devices/list';
      outgoing.writeHead(isList ? 200 : 403, {
        'content-type': 'application/json',
        'seam-request-id': 'real',
      });
      const pagination = { has_next_page: false, next_page_cursor: null, next_page_url: null };
      outgoing.end(isList ? JSON.stringify({ devices: [theirs], pagination, ok: true }) : '{ "error" : 1 }');
    });
    const { url } = await facadeBefore(`http://127.0.0.1:${port}`);
    const list = await fetch(`${url}/devices/list`, { method: 'POST', headers, body: '{}' });
    const { devices } = JSON.parse(await list.text());
    expect(devices).toEqual([expect.objectContaining({ display_name: 'Door 1' }), theirs]);
    const refused = await fetch(`${url}/events/list?since=2026-01-01T00:00:00Z`, { headers });
    expect([refused.status, refused.headers.get('seam-request-id'), await refused.text()]).toEqual([
      403,
      'real',
      '{ "error" : 1 }',
    ]);
  });
});

describe('an upstream URL', () => {
  it.each([
    '',
    'connect.getseam.com',
    'ftp://a.test',
    'file:///etc/passwd',
    'http://',
    'https://user@a.test',
    'https://user:seam_secret@a.test',
    'https://:seam_secret@a.test',
    'https://a.test/?key=seam_secret',
    'https://a.test/#seam_secret',
    'postgres://a.test',
  ])('%s is refused, and not repeated', (url) => {
    expect(() => forwardTo(url)).toThrow(/^--upstream takes a URL/);
    expect(() => forwardTo(url)).not.toThrow(/seam_secret|a\.test\b/);
  });

  it.each(['http://a.test', 'https://a.test:8443/base/', 'http://[::1]:80', 'HTTPS://A.TEST'])(
    '%s is taken',
    (url) => {
      expect(forwardTo(url)).toBeTypeOf('function');
    },
  );
});
