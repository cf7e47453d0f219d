/** `pintumbler`: the engine. Tokens, mint, read, errors. */
export { mint, type Near, read } from './engine.ts';
export { type ErrorCode, type Nearest, PintumblerError } from './errors.ts';
export type { Asked, CountGrant, Grant, WindowGrant } from './grant.ts';
export { type Issuer, issue } from './issue.ts';
export { type NextRequest, nextGrant } from './next.ts';
export { createToken, type DeviceToken, deriveToken, type TokenOptions } from './token.ts';
export { formatToken, parseToken, type TokenJson, tokenJson } from './token-text.ts';
export type { OffsetTable } from './zone.ts';
