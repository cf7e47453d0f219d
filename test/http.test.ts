/** The adaptor between node:http and a Fetch handler, over real sockets. */
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpServer, listenHttp } from '../src/cli/http.ts';
import type { Answer } from '../src/cli/io.ts';
import { type RawClient, rawClient, until } from './support/raw-client.ts';

const PATIENCE = { head: 10_000, request: 30_000, look: 5000, linger: 300, close: 5000 };

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function serving(answer: Answer, patience: Partial<typeof PATIENCE> = {}): Promise<HttpServer> {
  const server = await listenHttp(answer, { host: '127.0.0.1', port: 0 }, { ...PATIENCE, ...patience });
  open.push(server.close);
  return server;
}

function client({ url }: HttpServer): RawClient {
  const made = rawClient(url);
  open.unshift(async () => {
    made.socket.destroy();
  });
  return made;
}

const echo: Answer = async (request) =>
  Response.json({
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  });

const statusOf = (text: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);

describe('a request as the handler sees it', () => {
  it('has its method, path, query, headers and body', async () => {
    const { url } = await serving(echo);
    const response = await fetch(`${url}/a%20b?x=1&x=2&y=%E2%82%AC`, {
      method: 'PATCH',
      headers: { 'X-One': '1', 'content-type': 'text/plain' },
      body: 'grüezi',
    });
    const seen = JSON.parse(await response.text());
    expect(seen).toMatchObject({
      method: 'PATCH',
      url: `${url}/a%20b?x=1&x=2&y=%E2%82%AC`,
      headers: { 'x-one': '1', 'content-type': 'text/plain' },
      body: 'grüezi',
    });
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('content-length')).toBe(String(JSON.stringify(seen).length + 1));
  });

  it.each<[string, string, string]>([
    ['another host', '/devices/list', 'Host: evil.example'],
    ['two slashes', '//evil.example/x', 'Host: a'],
    ['an absolute target', 'http://evil.example/devices/list?a=1', 'Host: evil.example'],
    ['a user in it', '/@evil.example', 'Host: a@b'],
    ['a forwarded host', '/x', 'Host: a\r\nX-Forwarded-Host: evil.example'],
  ])('has the URL of the server, whatever it says: %s', async (_, target, head) => {
    const server = await serving(echo);
    const { socket, heard } = client(server);
    socket.write(`GET ${target} HTTP/1.1\r\n${head}\r\nConnection: close\r\n\r\n`);
    const answer = JSON.parse((await heard).split('\r\n\r\n')[1] ?? '');
    expect(new URL(answer.url).origin).toBe(server.url);
    expect(answer.url).toBe(server.url + target.replace('http://evil.example', ''));
  });

  it.each([
    'TRACE / HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'GET /x/../y HTTP/1.1',
    'GET /%2e/y?a HTTP/1.1',
    'GET /x/.. HTTP/1.1',
  ])('has no form that Fetch does not know: %s is 400', async (line) => {
    const { socket, heard } = client(await serving(echo));
    socket.write(`${line}\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(statusOf(await heard)).toBe(400);
  });

  it('repeats no header in silence: two keys are none', async () => {
    const { socket, heard } = client(await serving(echo));
    socket.write(
      'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: A\r\nAuthorization: B\r\nConnection: close\r\n\r\n',
    );
    expect(JSON.parse((await heard).split('\r\n\r\n')[1] ?? '').headers.authorization).toBe('A, B');
  });

  it('may come in pieces, chunked or not', async () => {
    const { socket, heard } = client(await serving(echo));
    socket.setNoDelay(true);
    for (const piece of [
      'POST / HT',
      'TP/1.1\r\nHost: a\r\nTransfer-En',
      'coding: chunked\r\nConnection: close\r\n\r\n3\r\na',
      'bc\r\n2\r\nd',
      'e\r\n0\r\n\r\n',
    ]) {
      socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(JSON.parse((await heard).split('\r\n\r\n')[1] ?? '').body).toBe('abcde');
  });
});

describe('an answer', () => {
  it('to HEAD has the head of the answer and no body', async () => {
    const { url } = await serving(async () => new Response('twelve bytes'));
    const response = await fetch(url, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      '12',
      '',
    ]);
  });

  it('without a body has no length', async () => {
    const { url } = await serving(async () => new Response(null, { status: 204 }));
    const response = await fetch(url);
    expect([response.status, response.headers.get('content-length')]).toEqual([204, null]);
  });

  it('of a handler that throws is 500 and says nothing, and the next is as ever', async () => {
    let calls = 0;
    const { url } = await serving(async () => {
      if (calls++ === 0) throw new Error('seam_secret');
      return new Response('well');
    });
    const first = await fetch(url);
    expect([first.status, await first.text()]).toEqual([500, '']);
    expect(await (await fetch(url)).text()).toBe('well');
  });
});

describe('a response that HTTP cannot say', () => {
  it('ends the connection and not the server', async () => {
    let calls = 0;
    const { url } = await serving(async () => (calls++ === 0 ? Response.error() : new Response('well')));
    await expect(fetch(url)).rejects.toThrow();
    expect(await (await fetch(url)).text()).toBe('well');
  });
});

describe('an answer that is still on its way', () => {
  interface Source {
    readonly response: (headers?: Readonly<Record<string, string>>) => Response;
    readonly send: (text: string) => void;
    readonly end: () => void;
    readonly fail: () => void;
    readonly seen: { cancelled: boolean };
  }

  /** A body that comes as the test says. */
  function source(): Source {
    const held: { controller?: ReadableStreamDefaultController<Uint8Array> } = {};
    const seen = { cancelled: false };
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        held.controller = controller;
      },
      cancel: () => {
        seen.cancelled = true;
      },
    });
    return {
      response: (headers = {}) => new Response(body, { headers }),
      send: (text) => held.controller?.enqueue(new TextEncoder().encode(text)),
      end: () => held.controller?.close(),
      fail: () => held.controller?.error(new Error('seam_secret')),
      seen,
    };
  }

  const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

  it('is sent as it comes, in chunks, and leaves the connection to the next request', async () => {
    const { response, send, end } = source();
    let calls = 0;
    const server = await serving(async () =>
      calls++ === 0 ? response({ 'x-a': '1' }) : new Response('next'),
    );
    const { socket, heard, sofar } = client(server);
    socket.write(GET);
    await until(() => sofar().includes('\r\n\r\n'));
    expect(sofar().toLowerCase()).toMatch(/x-a: 1\r\n.*transfer-encoding: chunked/s);
    send('first');
    await until(() => sofar().includes('first'));
    send('last');
    end();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const text = await heard;
    expect(text).toContain('5\r\nfirst\r\n4\r\nlast\r\n0\r\n\r\n');
    expect(text.endsWith('\r\n\r\nnext')).toBe(true);
  });

  it('keeps a length that it names', async () => {
    const { response, send, end } = source();
    const server = await serving(async () => response({ 'content-length': '5' }));
    const { socket, heard, sofar } = client(server);
    socket.write(GET.replace('Host', 'Connection: close\r\nHost'));
    await until(() => sofar().includes('\r\n\r\n'));
    send('he');
    send('llo');
    end();
    const text = await heard;
    expect(text.toLowerCase()).toContain('content-length: 5');
    expect(text.toLowerCase()).not.toContain('transfer-encoding');
    expect(text.endsWith('\r\n\r\nhello')).toBe(true);
  });

  it('that fails on its way ends the connection: nobody takes the half for the whole', async () => {
    const { response, send, fail } = source();
    const server = await serving(async () => response());
    const { socket, heard, sofar } = client(server);
    socket.write(GET);
    send('half');
    await until(() => sofar().includes('half'));
    fail();
    expect((await heard).endsWith('half\r\n')).toBe(true);
  });

  it('that fails before it began is a bare 500', async () => {
    const { response, fail } = source();
    const { url } = await serving(async () => {
      fail();
      return response();
    });
    const failed = await fetch(url);
    expect([failed.status, await failed.text()]).toEqual([500, '']);
  });

  it.each(['before it began', 'in the middle'])('is given up when the client hangs up %s', async (when) => {
    const { response, send, seen } = source();
    const held: { signal?: AbortSignal; go?: () => void } = {};
    const server = await serving(async (request) => {
      held.signal = request.signal;
      if (when === 'before it began')
        await new Promise<void>((resolve) => {
          held.go = resolve;
        });
      return response();
    });
    const { socket, sofar } = client(server);
    socket.write(GET);
    if (when === 'in the middle') {
      send('half');
      await until(() => sofar().includes('half'));
    }
    await until(() => held.signal !== undefined);
    expect(held.signal?.aborted).toBe(false);
    socket.destroy();
    await until(() => held.signal?.aborted === true);
    held.go?.();
    await until(() => seen.cancelled);
  });

  it('is not read for HEAD', async () => {
    const { response, seen } = source();
    const { url } = await serving(async () => response({ 'content-length': '99' }));
    const answer = await fetch(url, { method: 'HEAD' });
    expect(answer.headers.get('content-length')).toBe('99');
    await until(() => seen.cancelled);
  });

  it('is asked for no faster than the client reads', async () => {
    let asked = 0;
    const block = new Uint8Array(65_536);
    const body = (): ReadableStream<Uint8Array> =>
      new ReadableStream(
        {
          pull: (to) => {
            asked++;
            to.enqueue(block);
          },
        },
        { highWaterMark: 0 },
      );
    const { socket } = client(await serving(async () => new Response(body())));
    socket.pause();
    socket.write(GET);
    await until(() => asked > 2);
    for (let last = -1, still = 0; still < 10; ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      still = asked === last ? still + 1 : 0;
      last = asked;
    }
    const stopped = asked;
    socket.resume();
    await until(() => asked > stopped + 100);
  });

  it('in one piece has a length, however long it is, and its own reason', async () => {
    const { url } = await serving(
      async () => new Response('x'.repeat(5_000_000), { status: 418, statusText: 'Short And Stout' }),
    );
    const answer = await fetch(url);
    expect([answer.status, answer.statusText]).toEqual([418, 'Short And Stout']);
    expect(answer.headers.get('content-length')).toBe('5000000');
    expect((await answer.text()).length).toBe(5_000_000);
  });

  it('ends with the server, which waits only so long', async () => {
    const { response, send, seen } = source();
    const server = await serving(async () => response(), { close: 50 });
    const { socket, heard, sofar } = client(server);
    socket.write(GET);
    send('half');
    await until(() => sofar().includes('half'));
    await server.close();
    await heard;
    await until(() => seen.cancelled);
  });
});

describe('a large body', () => {
  /** Refuses after that many bytes, as the facade does. */
  const limited =
    (limit: number, seen: { bytes: number }): Answer =>
    async (request) => {
      const reader = request.body?.getReader();
      for (let step = await reader?.read(); step?.done === false; step = await reader?.read()) {
        seen.bytes += step.value.length;
        if (seen.bytes <= limit) continue;
        await reader?.cancel();
        return new Response('too large', { status: 413 });
      }
      return new Response(String(seen.bytes));
    };

  it('is refused before it is all there: the client reads the answer', async () => {
    const seen = { bytes: 0 };
    const server = await serving(limited(100_000, seen));
    const { socket, heard, sofar } = client(server);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n');
    const block = Buffer.alloc(65536, 'x');
    let sent = 0;
    while (!sofar().includes('too large') && !socket.destroyed) {
      sent += block.length;
      if (!socket.write(block)) await Promise.race([once(socket, 'drain'), heard]);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(sent).toBeLessThan(50_000_000);
    expect(statusOf(await heard)).toBe(413);
    expect(sofar().toLowerCase()).toContain('connection: close');
    expect(seen.bytes).toBeLessThan(300_000);
  });

  it('is not read faster than it is asked for', async () => {
    const held: { go?: () => void } = {};
    const wait = new Promise<void>((resolve) => {
      held.go = resolve;
    });
    const server = await serving(async (request) => {
      const reader = request.body?.getReader();
      let bytes = (await reader?.read())?.value?.length ?? 0;
      await wait;
      for (let step = await reader?.read(); step?.done === false; step = await reader?.read())
        bytes += step.value.length;
      return new Response(String(bytes));
    });
    const { socket, heard } = client(server);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 60000000\r\n\r\n');
    socket.write(Buffer.alloc(60_000_000));
    // What the system's own buffers take goes; then it stands still, with most of it not sent.
    let [last, still] = [-1, 0];
    while (still < 10) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      still = socket.writableLength === last ? still + 1 : 0;
      last = socket.writableLength;
    }
    expect(socket.writableLength).toBeGreaterThan(30_000_000);
    held.go?.();
    expect((await heard).endsWith('\r\n\r\n60000000')).toBe(true);
  });

  it('may be asked for in several places at once', async () => {
    const server = await serving(async (request) => {
      const reader = request.body?.getReader();
      const steps = await Promise.all([reader?.read(), reader?.read(), reader?.read()]);
      return new Response(steps.map((step) => new TextDecoder().decode(step?.value)).join('|'));
    });
    const { socket, heard } = client(server);
    socket.setNoDelay(true);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n');
    socket.write('1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n');
    expect((await heard).endsWith('a|b|c')).toBe(true);
  });

  it('may be given up while the next piece is on its way', async () => {
    let givenUp = false;
    const server = await serving(async (request) => {
      const reader = request.body?.getReader();
      const next = reader?.read();
      await reader?.cancel();
      givenUp = true;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return new Response(String((await next)?.done));
    });
    const { socket, heard } = client(server);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\n');
    await until(() => givenUp);
    socket.write('late');
    expect((await heard).endsWith('true')).toBe(true);
  });

  it('that nobody reads is thrown away, and the connection ends with it', async () => {
    const server = await serving(async () => new Response('no', { status: 401 }), { linger: 1e9 });
    const { socket, heard } = client(server);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n');
    socket.write(Buffer.alloc(1_000_000));
    expect(statusOf(await heard)).toBe(401);
  });

  it('that goes on and on is not waited for', async () => {
    const server = await serving(async () => new Response('no', { status: 401 }));
    const { socket, heard } = client(server);
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nhalf');
    expect(statusOf(await heard)).toBe(401);
  });

  it('that is refused takes its answer with it, however late the client looks', async () => {
    const server = await serving(limited(100_000, { bytes: 0 }), { linger: 1000 });
    const { socket, heard } = client(server);
    socket.pause();
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n');
    socket.write(Buffer.alloc(50_000_000));
    // Long enough for a reset, if there is one, to fail what is still to be sent.
    await new Promise((resolve) => setTimeout(resolve, 200));
    socket.resume();
    expect((await heard).endsWith('too large')).toBe(true);
  });

  it.each<[string, string, Answer]>([
    ['nobody reads', 'POST', async ({ url }) => new Response(`<${new URL(url).pathname}>`)],
    [
      'is read in part',
      'PUT',
      async (request) => {
        const reader = request.body?.getReader();
        await reader?.read();
        await reader?.cancel();
        return new Response(`<${new URL(request.url).pathname}>`);
      },
    ],
  ])('that %s, and that is there, leaves the connection to the next request', async (_, method, answer) => {
    const { socket, heard } = client(await serving(answer));
    const body = 'x'.repeat(1000);
    socket.write(
      `${method} /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n${body}` +
        'GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    expect((await heard).match(/<\/\d>/g)).toEqual(['</1>', '</2>']);
  });

  it.each(['GET', 'HEAD'])('of %s is 400, and leaves the connection to the next request', async (method) => {
    const seen: string[] = [];
    const server = await serving(async ({ url }) => {
      seen.push(new URL(url).pathname);
      return new Response('<well>');
    });
    const { socket, heard } = client(server);
    socket.write(
      `${method} /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}` +
        `${method} /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n` +
        'GET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    const statuses = [...(await heard).matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
    expect(statuses).toEqual(['400', '200', '200']);
    expect(seen).toEqual(['/2', '/3']);
    const chunked = client(server);
    chunked.socket.write(
      `${method} / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    );
    await until(() => chunked.sofar().includes('\r\n\r\n'));
    expect(statusOf(chunked.sofar())).toBe(400);
  });

  it('of DELETE is read', async () => {
    const { url } = await serving(echo);
    const response = await fetch(url, { method: 'DELETE', body: '{"a":1}' });
    expect(JSON.parse(await response.text()).body).toBe('{"a":1}');
  });

  it('is not asked for where the client waits for a word and the answer is no', async () => {
    const server = await serving(async (request) =>
      request.url.endsWith('/no') ? new Response('no', { status: 401 }) : new Response(await request.text()),
    );
    const refused = client(server);
    refused.socket.write('POST /no HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
    expect(statusOf(await refused.heard)).toBe(401);
    const taken = client(server);
    taken.socket.write(
      'POST /yes HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 5\r\n\r\n',
    );
    await until(() => taken.sofar().includes('100 Continue'));
    taken.socket.write('hello');
    expect((await taken.heard).endsWith('\r\n\r\nhello')).toBe(true);
  });
});

describe('a client', () => {
  it('that hangs up in its body fails the reading, and the server goes on', async () => {
    const failed: unknown[] = [];
    const { url, ...rest } = await serving(async (request) => {
      const text = await request.text().catch((error: unknown) => failed.push(error));
      return new Response(String(text));
    });
    const { socket } = client({ url, ...rest });
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf');
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.destroy();
    await until(() => failed.length === 1);
    expect(await (await fetch(url, { method: 'POST', body: 'well' })).text()).toBe('well');
  });

  it('that hangs up before the answer does no harm', async () => {
    const held: { go?: () => void } = {};
    let calls = 0;
    const server = await serving(async () => {
      if (calls++ === 0)
        await new Promise<void>((resolve) => {
          held.go = resolve;
        });
      return new Response('well');
    });
    const { socket } = client(server);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => held.go !== undefined);
    socket.destroy();
    await once(socket, 'close');
    held.go?.();
    expect(await (await fetch(server.url)).text()).toBe('well');
  });

  it.each<[string, string, number]>([
    ['too slow with its head', 'GET / HTTP/1.1\r\nHost:', 408],
    ['too slow with its body', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf', 408],
    ['not speaking HTTP', 'what is this?\r\n\r\n', 400],
    ['with no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    [
      'with two lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
      400,
    ],
    [
      'with a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['with a head of 1 MB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`, 431],
  ])('%s is refused', async (_, said, status) => {
    const server = await serving(echo, { head: 100, request: 100, look: 20 });
    const { socket, heard } = client(server);
    socket.write(said);
    expect(statusOf(await heard)).toBe(status);
    expect((await fetch(server.url)).status).toBe(200);
  });

  it('may ask again on one connection, and before it has heard', async () => {
    const server = await serving(async ({ url }) => {
      const { pathname } = new URL(url);
      // The first takes longest; the answers come in order all the same.
      if (pathname === '/1') await new Promise((resolve) => setTimeout(resolve, 50));
      return new Response(`<${pathname}>`);
    });
    const { socket, heard } = client(server);
    const ask = (path: string, last = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${last}\r\n`;
    socket.write(ask('/1') + ask('/2') + ask('/3', 'Connection: close\r\n'));
    expect((await heard).match(/<\/\d>/g)).toEqual(['</1>', '</2>', '</3>']);
  });

  it('is one of fifty at once', async () => {
    const { url } = await serving(echo);
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const response = await fetch(`${url}/${index}`, { method: 'POST', body: 'x'.repeat(index * 1000) });
        const { url: seen, body } = JSON.parse(await response.text());
        return [new URL(seen).pathname, body.length];
      }),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, (_, index) => [`/${index}`, index * 1000]));
  });
});

describe('the end', () => {
  it('lets a running request finish, drops who asks nothing, and takes no more', async () => {
    const held: { go?: () => void } = {};
    const server = await serving(async () => {
      await new Promise<void>((resolve) => {
        held.go = resolve;
      });
      return new Response('finished');
    });
    const [idle, running] = [client(server), client(server)];
    await once(idle.socket, 'connect');
    running.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => held.go !== undefined);
    const closed = server.close();
    await expect(fetch(server.url)).rejects.toThrow();
    held.go?.();
    expect((await running.heard).endsWith('\r\n\r\nfinished')).toBe(true);
    expect(running.sofar().toLowerCase()).toContain('connection: close');
    expect(await idle.heard).toBe('');
    await closed;
  });

  it('does not wait for who has asked nothing yet', async () => {
    const server = await serving(echo, { close: 1e9 });
    const { socket, heard } = client(server);
    await once(socket, 'connect');
    await fetch(server.url);
    await server.close();
    expect(await heard).toBe('');
  });

  it('waits only so long for a request that does not finish', async () => {
    let asked = false;
    const server = await serving(
      () => {
        asked = true;
        return new Promise<Response>(() => undefined);
      },
      { close: 50 },
    );
    const { socket, heard } = client(server);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(() => asked);
    await server.close();
    expect(await heard).toBe('');
  });

  it('leaves the port to the next, and a port that is taken is refused in words', async () => {
    const server = await listenHttp(echo, { host: '127.0.0.1', port: 0 });
    const where = { host: '127.0.0.1', port: Number(new URL(server.url).port) };
    await expect(listenHttp(echo, where)).rejects.toThrow(/port \d+ of that host: it is in use/);
    await server.close();
    const next = await listenHttp(echo, where);
    expect(next.url).toBe(server.url);
    await next.close();
  });

  it.each<[string, RegExp]>([
    ['203.0.113.7', /no such address/],
    ['nowhere.invalid', /ENOTFOUND|no such host|EAI_AGAIN/],
  ])('cannot listen at %s', async (host, message) => {
    await expect(listenHttp(echo, { host, port: 0 })).rejects.toThrow(message);
  });

  it('writes an IPv6 host in brackets', async () => {
    const server = await listenHttp(echo, { host: '::1', port: 0 }).catch(() => undefined);
    // Not every machine has IPv6.
    if (!server) return;
    expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect(JSON.parse(await (await fetch(`${server.url}/x`)).text()).url).toBe(`${server.url}/x`);
    await server.close();
  });
});
