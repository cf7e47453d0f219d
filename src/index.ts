/** `pintumbler`: the engine. Tokens, mint, read, errors. */
export { mint, read } from './engine.ts';
export { type ErrorCode, type Nearest, PintumblerError } from './errors.ts';
export type { Grant } from './grant.ts';
export { type Issuer, issue } from './issue.ts';
export { createToken, type DeviceToken, deriveToken, type TokenOptions } from './token.ts';
export { formatToken, parseToken, type TokenJson, tokenJson } from './token-text.ts';
export type { OffsetTable } from './zone.ts';
