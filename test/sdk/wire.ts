/** What goes over the wire between an SDK and the facade: recorded, and held against Seam's published schemas. */
import { type HttpServer, listenHttp } from '../../src/cli/http.ts';
import type { World } from '../support/seam-world.ts';
import { type Schema, type SchemaName, schemas } from './published.ts';

export interface Exchange {
  /** Such as `PUT /access_codes/create_multiple`, with the query as it came. */
  readonly asked: string;
  readonly status: number;
  readonly requestId: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Wire {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  /** What is wrong with the bodies that went over it. */
  readonly problems: readonly string[];
  /** Answers the next requests by something else; what it gets has been done. */
  readonly instead: (...answers: readonly ((done: Response) => Response)[]) => void;
  readonly close: () => Promise<void>;
}

const one = (schema: SchemaName) => ({ schema, many: false });
const many = (schema: SchemaName) => ({ schema, many: true });

/** By the names that bodies have. */
const SCHEMAS: Readonly<Record<string, { readonly schema: SchemaName; readonly many: boolean }>> = {
  access_code: one('access_code'),
  backup_access_code: one('access_code'),
  access_codes: many('access_code'),
  action_attempt: one('action_attempt'),
  device: one('device'),
  lock: one('device'),
  devices: many('device'),
  locks: many('device'),
  events: many('seam_event'),
  pagination: one('pagination'),
};

/** The properties of Seam's page of the access code, those left out that only some makers' codes have. */
const PAGE = [
  'access_code_id',
  'code',
  'common_code_key',
  'created_at',
  'device_id',
  'ends_at',
  'errors',
  'is_backup',
  'is_backup_access_code_available',
  'is_external_modification_allowed',
  'is_managed',
  'is_offline_access_code',
  'is_one_time_use',
  'is_waiting_for_code_assignment',
  'name',
  'pending_mutations',
  'pulled_backup_access_code_id',
  'starts_at',
  'status',
  'type',
  'warnings',
  'workspace_id',
];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function objectProblems(schema: Schema, name: SchemaName, value: unknown): readonly string[] {
  const { error } = schema.safeParse(value);
  const problems = (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
  if (name !== 'access_code' || !isObject(value)) return problems;
  const missing = PAGE.filter((property) => value[property] === undefined);
  return [...problems, ...missing.map((property) => `${property} is missing`)];
}

function successProblems(
  published: Readonly<Record<SchemaName, Schema>>,
  body: Readonly<Record<string, unknown>>,
): readonly string[] {
  return Object.entries(body).flatMap(([name, value]): readonly string[] => {
    if (name === 'ok') return value === true ? [] : ['ok is not true'];
    if (name === 'generated_code') {
      const isCode = isObject(value) && typeof value['code'] === 'string' && /^\d+$/.test(value['code']);
      return isCode && typeof value['device_id'] === 'string' ? [] : ['generated_code has another shape'];
    }
    const known = SCHEMAS[name];
    if (!known) return [`${name} is no property of such a body`];
    if (known.many && !Array.isArray(value)) return [`${name} is no list`];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.flatMap((each) =>
      objectProblems(published[known.schema], known.schema, each).map((problem) => `${name}: ${problem}`),
    );
  });
}

function refusalProblems({ error, ok, ...rest }: Readonly<Record<string, unknown>>): readonly string[] {
  const problems = Object.keys(rest).map((name) => `${name} is no property of a refusal`);
  if (ok !== false) problems.push('ok is not false');
  if (!isObject(error) || typeof error['type'] !== 'string' || typeof error['message'] !== 'string')
    return [...problems, 'error has no type or no message'];
  if ((error['type'] === 'invalid_input') !== isObject(error['validation_errors']))
    problems.push('validation_errors belong to invalid_input, and to nothing else');
  return problems;
}

/** Listens on 127.0.0.1. */
export async function wireOf({ answer }: World): Promise<Wire> {
  const published = await schemas();
  const exchanges: Exchange[] = [];
  const problems: string[] = [];
  const instead: ((done: Response) => Response)[] = [];
  const server: HttpServer = await listenHttp(
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const response = await answer(request);
      const body: unknown = await response.clone().json();
      const asked = `${request.method} ${pathname}${search}`;
      const requestId = response.headers.get('seam-request-id') ?? '';
      const found = isObject(body)
        ? response.ok
          ? successProblems(published, body)
          : refusalProblems(body)
        : ['the body is no object'];
      problems.push(...found.map((problem) => `${asked}: ${problem}`));
      if (requestId === '') problems.push(`${asked}: no seam-request-id`);
      exchanges.push({ asked, status: response.status, requestId, body: isObject(body) ? body : {} });
      return instead.shift()?.(response) ?? response;
    },
    { host: '127.0.0.1', port: 0 },
  );
  return {
    url: server.url,
    exchanges,
    problems,
    instead: (...answers) => void instead.push(...answers),
    close: server.close,
  };
}
