/**
 * `issue`: a code that somebody else makes, a maker's server or an HSM, under the same rules as one of our own. The grant
 * is checked before the call, the answer after it.
 */
import { mint, placed } from './engine.ts';
import { expected, fail } from './errors.ts';
import type { Grant } from './grant.ts';
import { checkToken, type DeviceToken, gridOf } from './token.ts';
import { prepareRules } from './vendors/vendor.ts';

/** Makes a code somewhere else. It gets a checked grant; what it throws reaches the caller as it is. */
export type Issuer = (token: DeviceToken, grant: Grant) => Promise<string>;

/**
 * The code of a grant: from `issuer` where the vendor's digits come from somewhere else, minted here where they do not.
 *
 * @param issuer called once, for a grant that the vendor's rules allow; must give the same code for the same grant.
 * @throws what `mint` throws for the grant, before the issuer is called; `code_malformed` for an answer without the
 *   vendor's length and symbols. What the issuer itself throws passes through.
 * @example
 * import { createToken, issue } from 'pintumbler';
 * import { igloohome } from 'pintumbler/vendors';
 * const remote = { ...igloohome, id: 'acme', scheme: { id: 'acme-server/1', remote: true } } as const;
 * const token = createToken({ vendor: remote, deviceId: 'door-7', root: new Uint8Array(32), timeZone: 'UTC' });
 * const startsAt = Date.UTC(2026, 2, 1, 15) / 1000;
 * const code = await issue(token, { kind: 'hourly', variance: 0, startsAt, endsAt: startsAt + 7200 }, async () => '012345678');
 * console.log(code); // 012345678
 */
export async function issue(token: DeviceToken, grant: Grant, issuer: Issuer): Promise<string> {
  checkToken('token', token);
  if (typeof issuer !== 'function') expected('issuer', 'a function that makes the code', issuer);
  if (!('remote' in token.vendor.scheme)) return mint(token, grant);
  const { tables, kinds } = prepareRules(token.rules);
  const books = tables.map((table) => ({ ...table, grid: gridOf(token, table) }));
  placed(token, { kinds, books }, grant);
  // The issuer gets what is checked, not what a getter says next.
  const copy = Object.freeze({ ...grant });
  const { book } = placed(token, { kinds, books }, copy);
  const code: unknown = await issuer(token, copy);
  if (typeof code !== 'string') return expected('code', 'a string from the issuer', code, 'code_malformed');
  if (!book.form.test(code))
    fail('code_malformed', 'the issuer gave a code without the length and symbols of this vendor');
  return code;
}
