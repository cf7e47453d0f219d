/** `pintumbler/schemes`: the algorithms, usable alone, and the contract of a scheme. */
export { sameCode } from '../keys.ts';
export { type Ff1, ff1, type NumberFf1, numberFf1 } from './ff1.ts';
export { mac } from './mac.ts';
export type { Claim, Codec, KeyForm, Layout, Place, RemoteScheme, Scheme } from './scheme.ts';
export { sealed } from './sealed.ts';
export { tuyaDynamic, tuyaOffline } from './tuya.ts';
