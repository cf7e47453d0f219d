/** `pintumbler/schemes`: the algorithms, usable alone, and the contract of a scheme. */
export { type Ff1, ff1, type NumberFf1, numberFf1 } from './ff1.ts';
export type { Claim, Codec, Layout, Place, Scheme } from './scheme.ts';
export { sealed } from './sealed.ts';
