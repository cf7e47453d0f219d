/**
 * Makers that people ask for and that have no module here. Looked up in November 2026: nothing public shows that their
 * keypads take codes that were computed elsewhere without the lock being told. That is not to say that none does.
 */

const NO_EVIDENCE =
  'nothing public shows that its keypads take codes computed elsewhere (looked up in November 2026)';

/** Why there is no such vendor, by id in lower case. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {
  nuki: `${NO_EVIDENCE}; its developer forum, thread 1795, has such codes as a wish`,
  august: NO_EVIDENCE,
  yale: NO_EVIDENCE,
  schlage: NO_EVIDENCE,
  kwikset: NO_EVIDENCE,
  salto: NO_EVIDENCE,
  switchbot: `${NO_EVIDENCE}; its codes are programmed into the lock`,
  aqara: `${NO_EVIDENCE}; its codes need the app or a hub, as its forum says`,
  '2n': NO_EVIDENCE,
  danalock: NO_EVIDENCE,
  digilock: NO_EVIDENCE,
  keynest: NO_EVIDENCE,
  klevio: NO_EVIDENCE,
  samsung: NO_EVIDENCE,
  'samsung-sds': NO_EVIDENCE,
  supra: NO_EVIDENCE,
};
