/**
 * The published packages of this folder, as far as the tests use them: `npm ci --prefix test/sdk` installs them. Named in
 * variables, so that types hold without them.
 */
import { existsSync } from 'node:fs';
import type { AccessCode, Device, SeamEvent } from '../../src/seam/objects.ts';

export const isInstalled: boolean = existsSync(new URL('node_modules/@seamapi/types', import.meta.url));

/** Versions of @seamapi/http by their names in package.json, with where each has its client. */
export const VERSIONS = {
  '0.12.0': 'http-0.12/connect',
  '1.0.0': 'http-1.0/connect',
  '1.45.0': 'http-1.45/connect',
  '1.121.0': 'http-1.121/connect',
  '2.3.0': 'http-2.3',
  '2.11.2': 'http-2.11',
  '2.26.0': 'http-2.26',
  '2.32.0': 'http-2.32',
} as const;

export type Version = keyof typeof VERSIONS;

type Asked = Readonly<Record<string, unknown>>;

interface Paginator<T> {
  readonly firstPage: () => Promise<
    [T, { readonly hasNextPage: boolean; readonly nextPageCursor: string | null }]
  >;
  readonly nextPage: (cursor: string) => Promise<[T, { readonly hasNextPage: boolean }]>;
  readonly flattenToArray: () => Promise<T>;
}

/** What versions differ in is optional. */
export interface Client {
  readonly accessCodes: {
    readonly create: (asked: Asked) => Promise<AccessCode>;
    readonly createMultiple: (asked: Asked) => Promise<readonly AccessCode[]>;
    readonly delete: (asked: Asked) => Promise<void>;
    readonly generateCode: (asked: Asked) => Promise<{ readonly device_id: string; readonly code: string }>;
    readonly get: (asked: Asked) => Promise<AccessCode>;
    readonly list: (asked: Asked) => Promise<readonly AccessCode[]>;
    readonly pullBackupAccessCode: (asked: Asked) => Promise<AccessCode>;
    readonly reportDeviceConstraints?: (asked: Asked) => Promise<void>;
    readonly update: (asked: Asked) => Promise<void>;
    readonly updateMultiple?: (asked: Asked) => Promise<void>;
  };
  readonly devices: {
    readonly get: (asked: Asked) => Promise<Device>;
    readonly list: (asked?: Asked) => Promise<readonly Device[]>;
  };
  readonly locks: {
    readonly get: (asked: Asked) => Promise<Device>;
    readonly list: (asked?: Asked) => Promise<readonly Device[]>;
  };
  readonly events: { readonly list: (asked: Asked) => Promise<readonly SeamEvent[]> };
  readonly createPaginator?: <T>(request: Promise<T>) => Paginator<T>;
}

/** A class of errors. */
type Thrown = abstract new (...given: never[]) => Error;

export interface Sdk {
  readonly SeamHttp: {
    readonly fromApiKey: (key: string, options: { readonly endpoint: string }) => Client;
  };
  readonly SeamHttpApiError: Thrown;
  readonly SeamHttpInvalidInputError: Thrown;
  readonly SeamHttpInvalidTokenError: Thrown;
  readonly SeamHttpUnauthorizedError: Thrown;
}

export async function sdkOf(version: Version): Promise<Sdk> {
  const name: string = VERSIONS[version];
  return await import(name);
}

export interface Schema {
  readonly safeParse: (value: unknown) => {
    readonly success: boolean;
    readonly error?: {
      readonly issues: readonly { readonly path: readonly unknown[]; readonly message: string }[];
    };
  };
}

export type SchemaName =
  | 'access_code'
  | 'device'
  | 'seam_event'
  | 'pagination'
  | 'action_attempt'
  | 'webhook';

/** The zod schemas of @seamapi/types. */
export async function schemas(): Promise<Readonly<Record<SchemaName, Schema>>> {
  const name: string = '@seamapi/types/connect';
  const published: { readonly schemas: Readonly<Record<SchemaName, Schema>> } = await import(name);
  return published.schemas;
}
