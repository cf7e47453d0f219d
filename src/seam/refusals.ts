/**
 * What is said when a code cannot be had, in Seam's words. Decided once:
 *
 * - What the caller can mend by asking otherwise (times that fit no kind, an end before the start, a code of one's own) is
 *   an HTTP error, `invalid_input`. Seam documents that it is refused, not how: this is our choice, for its SDK then names
 *   the parameter.
 * - What is used up (no variance left, no space on the lock, digits that somebody else has) is an entry in `errors` of an
 *   access code without a code. That is Seam's: its codes for it say `is_access_code_error` (types 1.384 to 1.672).
 *
 * The table is the only place that knows a maker's name here, and it knows nothing but words.
 */
import { PintumblerError } from '../errors.ts';
import { refuseInput } from './errors.ts';
import { type AccessCodeError, type AccessCodeErrorCode, timestamp, timestampOrNull } from './objects.ts';
import type { Lack } from './store.ts';

/** Which error codes are used: those of @seamapi/types 1.977.0, or the makers' own of the SDKs before 2026. */
export type ErrorCodes = 'current' | 'legacy';

interface Words {
  readonly current: AccessCodeErrorCode;
  readonly legacy: AccessCodeErrorCode;
  readonly message: string;
}

const NO_VARIANCE = 'Every code that the lock has for this time frame has been given out.';

/** By what is lacking and the vendor; `any` for all others. */
const WORDS: Readonly<Record<Lack, { readonly any: Words; readonly [vendor: string]: Words }>> = {
  no_variance: {
    igloohome: {
      current: 'no_space_for_access_code_on_device',
      legacy: 'igloohome_offline_access_code_no_variance_available',
      message: NO_VARIANCE,
    },
    'dormakaba-oracode': {
      current: 'no_space_for_access_code_on_device',
      legacy: 'dormakaba_oracode_no_valid_user_level',
      message: `${NO_VARIANCE} A user level has one for each time frame.`,
    },
    any: {
      current: 'no_space_for_access_code_on_device',
      legacy: 'no_space_for_access_code_on_device',
      message: NO_VARIANCE,
    },
  },
  no_space: {
    any: {
      current: 'no_space_for_access_code_on_device',
      legacy: 'no_space_for_access_code_on_device',
      message: 'The lock holds no more codes.',
    },
  },
  duplicate: {
    any: {
      current: 'duplicate_code_on_device',
      legacy: 'duplicate_code_on_device',
      message: 'The digits for this time frame are those of another code of the device.',
    },
  },
};

/** The entry in `errors` of an access code that has no code. */
export function lackError(lack: Lack, vendor: string, codes: ErrorCodes, at: number): AccessCodeError {
  const words = (Object.hasOwn(WORDS[lack], vendor) && WORDS[lack][vendor]) || WORDS[lack].any;
  return {
    error_code: words[codes],
    message: words.message,
    is_access_code_error: true,
    created_at: timestamp(at),
  };
}

/** What a time frame that fits no kind is called, beside the reason in our words. */
const NO_FIT: Readonly<Record<string, { readonly says: string; readonly error_code: AccessCodeErrorCode }>> =
  {
    'dormakaba-oracode': {
      says: 'no time slots found: ',
      error_code: 'dormakaba_oracode_no_valid_user_level',
    },
  };

/** `startsAt` as it is called outside. */
const outside = (text: string): string =>
  text.replace(
    /"([a-z]+[A-Z][a-zA-Z]*)"/g,
    (_, name: string) => `"${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}"`,
  );

/** There is no parameter that says which of two local times is meant. */
const withOffset = (message: string): string =>
  message.replace(/: say "earlier" or "later"/, ': give it with an offset, such as 2026-12-01T15:00-05:00');

/** Says why a request was refused by `plan`, `mint` or `nextGrant`; what is none of theirs goes through as it is. */
export function refusePlan(error: unknown, vendor: string): never {
  if (!(error instanceof PintumblerError)) throw error;
  const { code, nearest } = error;
  const words = code === 'no_fit' && Object.hasOwn(NO_FIT, vendor) ? NO_FIT[vendor] : undefined;
  const parameter = /^"(?:endsAt|maxTimeRounding)"/.test(error.message) ? 'ends_at' : 'starts_at';
  refuseInput(parameter, `${words?.says ?? ''}${withOffset(outside(error.message))}`, {
    reason: code,
    ...(words && { error_code: words.error_code }),
    ...(nearest && {
      nearest: {
        kind: nearest.kind,
        starts_at: timestamp(nearest.startsAt),
        ends_at: timestampOrNull(nearest.endsAt),
      },
    }),
  });
}
