/** `pintumbler/vendors`: the catalogue, and the contract of a vendor. Name single vendors to keep a bundle small. */
import { fail, shownWord } from '../errors.ts';
import { codelocksNetcode } from './codelocks-netcode.ts';
import { dormakabaOracode } from './dormakaba-oracode.ts';
import { hotp } from './hotp.ts';
import { igloohome } from './igloohome.ts';
import { lockly } from './lockly.ts';
import { masterLock } from './master-lock.ts';
import { nexus } from './nexus.ts';
import { ocra } from './ocra.ts';
import { openpaygo } from './openpaygo.ts';
import { pintumbler } from './pintumbler.ts';
import { resortlock } from './resortlock.ts';
import { sentrilock } from './sentrilock.ts';
import { totp } from './totp.ts';
import { ttlock } from './ttlock.ts';
import { tuya } from './tuya.ts';
import { UNSUPPORTED } from './unsupported.ts';
import type { Vendor } from './vendor.ts';

export { type CodelocksNetcodeConfig, codelocksNetcode } from './codelocks-netcode.ts';
export { type DormakabaOracodeConfig, dormakabaOracode, type OracodeTimeSlot } from './dormakaba-oracode.ts';
export { type HotpConfig, hotp } from './hotp.ts';
export { igloohome } from './igloohome.ts';
export { lockly } from './lockly.ts';
export { type MasterLockConfig, masterLock } from './master-lock.ts';
export { type NexusConfig, nexus } from './nexus.ts';
export { type OcraConfig, ocra } from './ocra.ts';
export { type OpenpaygoConfig, openpaygo } from './openpaygo.ts';
export { type PintumblerConfig, pintumbler } from './pintumbler.ts';
export { type ResortlockConfig, resortlock } from './resortlock.ts';
export { sentrilock } from './sentrilock.ts';
export { type TotpConfig, totp } from './totp.ts';
export { ttlock } from './ttlock.ts';
export { type TuyaConfig, tuya } from './tuya.ts';
export type {
  Axis,
  Effect,
  Eviction,
  Guessable,
  Kind,
  Length,
  LockRules,
  Rules,
  Table,
  Throttle,
  Vendor,
} from './vendor.ts';

/** Every vendor that comes with the library. */
export const builtIn: readonly Vendor[] = /* @__PURE__ */ Object.freeze([
  pintumbler,
  tuya,
  hotp,
  totp,
  ocra,
  openpaygo,
  nexus,
  igloohome,
  dormakabaOracode,
  lockly,
  ttlock,
  codelocksNetcode,
  masterLock,
  resortlock,
  sentrilock,
]);

/**
 * The vendor of that id in the catalogue.
 *
 * @throws `vendor_unknown`; for makers that people ask for and that are not there, it says why.
 * @example
 * import { vendorNamed } from 'pintumbler/vendors';
 * console.log(vendorNamed('igloohome').codes); // emulated
 */
export function vendorNamed(id: string): Vendor {
  const vendor = builtIn.find((each) => each.id === id);
  if (vendor) return vendor;
  const name = typeof id === 'string' ? id.toLowerCase() : '';
  if (Object.hasOwn(UNSUPPORTED, name))
    fail('vendor_unknown', `there is no vendor "${name}": ${UNSUPPORTED[name]}`);
  const known = builtIn.map((each) => each.id).join(', ');
  return fail('vendor_unknown', `"vendor" expected one of ${known}, got ${shownWord(id)}`);
}
