/**
 * The signature of a webhook: Standard Webhooks 1.0.0 (github.com/standard-webhooks/standard-webhooks,
 * spec/standard-webhooks.md), the symmetric one, which svix and so @seamapi/webhook verify.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

const PREFIX = 'whsec_';

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** "Signature scheme": the secret is 24 to 64 bytes, "base64 encoded, prefixed with whsec_". */
export const secretOf = (bytes: Uint8Array): string => PREFIX + toBase64(bytes);

/** "The content to be signed is `{msg_id}.{timestamp}.{payload}`"; the signature identifier is `v1`. */
function signatureOf(secret: string, id: string, at: number, body: string): string {
  const key = fromBase64(secret.slice(PREFIX.length));
  return `v1,${toBase64(hmac(sha256, key, utf8ToBytes(`${id}.${at}.${body}`)))}`;
}

/**
 * "Webhook headers", by the standard's names and by those of svix, which came before it.
 *
 * @param id "remains the same no matter how many times a webhook that has failed is retried"; without a full stop
 * @param at "the timestamp of when the webhook attempt has been made", in epoch seconds
 */
export function signedHeaders(
  secret: string,
  id: string,
  at: number,
  body: string,
): Readonly<Record<string, string>> {
  const signature = signatureOf(secret, id, at, body);
  return Object.fromEntries(
    ['webhook', 'svix'].flatMap((name) => [
      [`${name}-id`, id],
      [`${name}-timestamp`, String(at)],
      [`${name}-signature`, signature],
    ]),
  );
}
