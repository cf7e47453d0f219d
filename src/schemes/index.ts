/** `pintumbler/schemes`: the algorithms, usable alone, and the contract of a scheme. */
export { sameCode } from '../keys.ts';
export { type Ff1, ff1, type NumberFf1, numberFf1 } from './ff1.ts';
export {
  dynamicTruncation,
  type HotpOptions,
  hotp,
  hotpBias,
  hotpScheme,
  type OathHash,
  type OathKey,
  oathKey,
} from './hotp.ts';
export { mac } from './mac.ts';
export {
  NEXUS_ADD_DAYS,
  NEXUS_SET_DAYS,
  type NexusMessage,
  nexusDeobscure,
  nexusFactory,
  nexusFull,
  nexusFullScheme,
  nexusObscure,
  nexusPseudorandom,
  nexusSmall,
  nexusSmallExtended,
  nexusSmallMaintenance,
  nexusSmallPassthrough,
  nexusSmallScheme,
  nexusSmallTest,
} from './nexus.ts';
export { type OcraInput, type OcraSuite, ocra, ocraMessage, ocraScheme, parseSuite } from './ocra.ts';
export {
  type OpenPaygoForm,
  type OpenPaygoOrder,
  type OpenPaygoType,
  openPaygoNextCount,
  openPaygoScheme,
  openPaygoStartingCode,
  openPaygoToken,
} from './openpaygo.ts';
export type { Claim, Codec, KeyForm, Layout, Place, RemoteScheme, Scheme } from './scheme.ts';
export { sealed } from './sealed.ts';
export { sipHash24, type Word64 } from './siphash.ts';
export { type TotpOptions, type TotpSteps, totp, totpStep } from './totp.ts';
export { tuyaDynamic, tuyaOffline } from './tuya.ts';
