/**
 * A stand-in for the real API, after what is documented of it (seam-api.md, sections 6.4, 8 and 9): envelopes, request ids,
 * keys, parameters by whatever verb, and pages whose cursor goes with all the parameters that it was made with.
 */

type Values = Readonly<Record<string, unknown>>;

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface RealApi {
  readonly answer: (request: Request) => Promise<Response>;
  /** Every request, in order. */
  readonly seen: Seen[];
}

export interface Holding {
  readonly key: string;
  readonly devices: readonly Values[];
  readonly codes: readonly Values[];
  readonly events: readonly Values[];
  /** Whether a list by a device that is not there is a 404; else it is empty. */
  readonly isStrict?: boolean;
}

class Refusal extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

const listOf = (value: unknown): readonly unknown[] | undefined =>
  value === undefined ? undefined : Array.isArray(value) ? value : [value];

function parametersOf(url: URL, body: string): Values {
  const query = [...new Set(url.searchParams.keys())]
    .filter((name) => name !== '_strict')
    .map((name) => {
      const all = url.searchParams.getAll(name);
      return [name, all.length > 1 ? all : all[0]];
    });
  return { ...Object.fromEntries(query), ...(body === '' ? {} : JSON.parse(body)) };
}

function pageOf(key: string, all: readonly Values[], { page_cursor, ...parameters }: Values, most: number) {
  const hash = JSON.stringify([key, Object.entries(parameters).sort()]);
  let from = 0;
  if (typeof page_cursor === 'string' && page_cursor !== '') {
    const [of, at] = JSON.parse(atob(page_cursor));
    const message =
      'When using next_page_cursor, the request must send parameters identical to the initial request.';
    if (of !== hash) throw new Refusal(400, 'mismatched_page_parameters', message);
    from = at;
  }
  const end = Math.min(from + Number(parameters['limit'] ?? most), all.length);
  const next = end < all.length ? btoa(JSON.stringify([hash, end])) : null;
  const next_page_url = next && `https://real.test${key}?page_cursor=${next}`;
  const pagination = { has_next_page: next !== null, next_page_cursor: next, next_page_url };
  return { page: all.slice(from, end), pagination };
}

export function realApi({ key, devices, codes, events, isStrict = false }: Holding): RealApi {
  const seen: Seen[] = [];
  const webhooks: Values[] = [];
  const isOf = (id: unknown, name: string, asked: unknown): boolean =>
    listOf(asked)?.includes(id) ?? name === '';

  function deviceOf(id: unknown): Values {
    const device = devices.find((each) => each['device_id'] === id);
    if (!device) throw new Refusal(404, 'device_not_found', 'Device not found');
    return device;
  }

  function codesFor({ device_id, access_code_ids }: Values): readonly Values[] {
    if (device_id === undefined && access_code_ids === undefined)
      throw new Refusal(400, 'invalid_input', "Either 'device_id' or 'access_code_ids' is required");
    if (isStrict && device_id !== undefined) deviceOf(device_id);
    return codes.filter(
      (code) =>
        (device_id === undefined || code['device_id'] === device_id) &&
        (access_code_ids === undefined || isOf(code['access_code_id'], 'id', access_code_ids)),
    );
  }

  function eventsFor(asked: Values): readonly Values[] {
    const from = Number(asked['unstable_offset'] ?? 0);
    const deviceIds = listOf(asked['device_ids'] ?? asked['device_id']);
    if (isStrict) for (const id of deviceIds ?? []) deviceOf(id);
    const codeIds = listOf(asked['access_code_ids'] ?? asked['access_code_id']);
    return events
      .filter(
        (event) =>
          (deviceIds?.includes(event['device_id']) ?? true) &&
          (codeIds?.includes(event['access_code_id']) ?? true),
      )
      .slice(from, from + Number(asked['limit'] ?? 500));
  }

  function bodyFor(path: string, asked: Values): Values {
    if (path === '/devices/get') return { device: deviceOf(asked['device_id']) };
    if (path === '/locks/get') {
      const device = deviceOf(asked['device_id']);
      return { lock: device, device };
    }
    if (path === '/devices/list' || path === '/locks/list') {
      const ids = listOf(asked['device_ids']);
      const all = devices.filter((device) => ids?.includes(device['device_id']) ?? true);
      const { page, pagination } = pageOf(path, all, asked, 500);
      return { ...(path === '/locks/list' && { locks: page }), devices: page, pagination };
    }
    if (path === '/access_codes/list') {
      const { page, pagination } = pageOf(path, codesFor(asked), asked, 500);
      return { access_codes: page, pagination };
    }
    if (path === '/webhooks/create') {
      const webhook_id = `real-hook-${webhooks.length + 1}`;
      const secret = `whsec_${btoa('s'.repeat(24))}`;
      const webhook = { webhook_id, url: asked['url'], event_types: asked['event_types'] ?? ['*'], secret };
      webhooks.push(webhook);
      return { webhook };
    }
    if (path === '/webhooks/list') return { webhooks };
    if (path.startsWith('/webhooks/')) {
      const at = webhooks.findIndex((each) => each['webhook_id'] === asked['webhook_id']);
      const [found] = webhooks.splice(at, at < 0 ? 0 : 1);
      if (!found) throw new Refusal(404, 'webhook_not_found', 'webhook not found');
      if (path !== '/webhooks/delete') webhooks.splice(at, 0, { ...found, ...asked });
      return path === '/webhooks/get' ? { webhook: found } : {};
    }
    if (path === '/events/list') return { events: eventsFor(asked) };
    if (path === '/access_codes/generate_code')
      return { generated_code: { device_id: deviceOf(asked['device_id'])['device_id'], code: '7777' } };
    if (path === '/access_codes/report_device_constraints') {
      deviceOf(asked['device_id']);
      return {};
    }
    if (path === '/access_codes/create')
      return {
        access_code: { access_code_id: 'theirs', device_id: deviceOf(asked['device_id'])['device_id'] },
      };
    return { asked: path };
  }

  const respond = (status: number, body: Values): Response =>
    Response.json(body, { status, headers: { 'seam-request-id': `real-${seen.length}`, 'x-real': 'yes' } });

  return {
    seen,
    answer: async (request) => {
      const { method, url, headers } = request;
      const body = await request.text();
      seen.push({ method, url, headers, body });
      if (headers.get('authorization') !== `Bearer ${key}`)
        return respond(401, { error: { type: 'unauthorized', message: 'API Key not found' }, ok: false });
      try {
        const { pathname } = new URL(url);
        return respond(200, { ...bodyFor(pathname, parametersOf(new URL(url), body)), ok: true });
      } catch (error) {
        if (error instanceof Refusal) {
          const { status, type, message } = error;
          return respond(status, { error: { type, message }, ok: false });
        }
        const message = 'The body is not JSON';
        return respond(400, { error: { type: 'invalid_input', message }, ok: false });
      }
    },
  };
}
