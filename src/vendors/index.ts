/** `pintumbler/vendors`: the catalogue, and the contract of a vendor. Name single vendors to keep a bundle small. */
import { igloohome } from './igloohome.ts';
import { pintumbler } from './pintumbler.ts';
import type { Vendor } from './vendor.ts';

export { igloohome } from './igloohome.ts';
export { type PintumblerConfig, pintumbler } from './pintumbler.ts';
export type { Axis, Effect, Kind, Length, LockRules, Rules, Throttle, Vendor } from './vendor.ts';

/** Every vendor that comes with the library. */
export const builtIn: readonly Vendor[] = /* @__PURE__ */ Object.freeze([pintumbler, igloohome]);
