/**
 * Makers that are asked for and have no module here: there is no public evidence that their keypads take codes that were
 * computed elsewhere without the lock being told. Looked up in November 2026; sources in the words of each.
 */

const PROGRAMMED = 'its codes are programmed into the lock over a connection';

/** Why there is no such vendor, by id. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {
  nuki: 'its developer forum (thread 1795) has algorithmic offline codes as a wish, not as a feature',
  august: PROGRAMMED,
  yale: PROGRAMMED,
  schlage: PROGRAMMED,
  kwikset: PROGRAMMED,
  salto: PROGRAMMED,
  switchbot: PROGRAMMED,
  aqara: 'its codes need the app or a hub, as its forum says',
  '2n': PROGRAMMED,
  danalock: PROGRAMMED,
  digilock: PROGRAMMED,
  keynest: PROGRAMMED,
  klevio: PROGRAMMED,
  'samsung-sds': PROGRAMMED,
  supra: 'nothing public says how its codes are made',
};
