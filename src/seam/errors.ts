/**
 * Refusals of the facade, in Seam's words: an HTTP status and an error type. Inside the library there is one error class,
 * `PintumblerError`; what goes over the wire has Seam's vocabulary, and this is its one class.
 *
 * Types and messages are those of Seam's own server where it publishes any (@seamapi/fake-seam-connect 1.86.0); those
 * marked "ours" have no public counterpart.
 */

export type SeamErrorType =
  | 'invalid_input' // a parameter that is missing, of the wrong type, or asks for what the device cannot do
  | 'invalid_content_type'
  | 'payload_too_large' // ours
  | 'unauthorized'
  | 'method_not_allowed'
  | 'not_found' // an access code that `get` does not find, an event, a route
  | 'device_not_found'
  | 'access_code_not_found'
  | 'action_attempt_not_found'
  | 'backup_access_code_not_found'
  | 'webhook_not_found'
  | 'invalid_event_types'
  | 'mismatched_page_parameters'
  | 'code_cannot_be_shared' // ours: offline codes are each of one device
  | 'offline_access_code_not_modifiable' // ours
  | 'offline_access_code_not_revocable' // Seam has it as an example in access-grant warnings
  | 'rate_limit_exceeded' // ours; the status, 429, is documented
  | 'upstream_unavailable' // ours: the API behind it gave no answer, or none that can be read
  | 'upstream_timeout' // ours
  | 'internal_server_error';

const STATUS: Readonly<Record<SeamErrorType, number>> = {
  invalid_input: 400,
  invalid_content_type: 400,
  payload_too_large: 413,
  unauthorized: 401,
  method_not_allowed: 405,
  not_found: 404,
  device_not_found: 404,
  access_code_not_found: 404,
  action_attempt_not_found: 404,
  backup_access_code_not_found: 404,
  webhook_not_found: 404,
  invalid_event_types: 400,
  mismatched_page_parameters: 400,
  code_cannot_be_shared: 400,
  offline_access_code_not_modifiable: 400,
  offline_access_code_not_revocable: 400,
  rate_limit_exceeded: 429,
  upstream_unavailable: 502,
  upstream_timeout: 504,
  internal_server_error: 500,
};

/** Messages by parameter, in the form that zod's `format()` gives and the SDK reads; `_errors` are of the whole request. */
export interface ValidationErrors {
  readonly _errors: readonly string[];
  readonly [parameter: string]: readonly string[] | { readonly _errors: readonly string[] };
}

/** What a refusal says beside its message. */
export interface SeamErrorDetails {
  readonly validation_errors?: ValidationErrors;
  readonly data?: Readonly<Record<string, unknown>>;
}

export class SeamError extends Error {
  override readonly name: string = 'SeamError';
  readonly type: SeamErrorType;
  readonly status: number;
  readonly details: SeamErrorDetails;

  /** `cause`: for the operator alone. */
  constructor(type: SeamErrorType, message: string, details: SeamErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.type = type;
    this.status = STATUS[type];
    this.details = details;
  }
}

export function refuse(type: SeamErrorType, message: string, details?: SeamErrorDetails): never {
  throw new SeamError(type, message, details);
}

const isNamed = (parameter: string, message: string): boolean =>
  message.includes(`"${parameter}"`) ||
  // `code` and `name` are words as well.
  (parameter.includes('_') && message.split(/[^a-z_]+/).includes(parameter));

/** A message that says which parameter it is about; one that says so already is left as it is. */
export function naming(parameter: string, message: string): string {
  if (message === 'Required') return `${parameter} is required`;
  if (isNamed(parameter, message)) return message;
  // Seam's own messages have the name behind them; a sentence with its reason reads better with the name before it.
  const isSeams = /^(?:Array|Expected|Invalid|Must|String) /.test(message) && !message.includes(': ');
  return isSeams ? `${message} for "${parameter}"` : `"${parameter}": ${message}`;
}

/** `invalid_input` for one parameter: the SDK finds the message under its name, and without the name in it. */
export function refuseInput(
  parameter: string,
  message: string,
  data?: Readonly<Record<string, unknown>>,
): never {
  const validation_errors: ValidationErrors = { _errors: [], [parameter]: { _errors: [message] } };
  return refuse('invalid_input', naming(parameter, message), { validation_errors, ...(data && { data }) });
}

/** `invalid_input` for a request as a whole. */
export function refuseRequest(message: string, data?: Readonly<Record<string, unknown>>): never {
  return refuse('invalid_input', message, {
    validation_errors: { _errors: [message] },
    ...(data && { data }),
  });
}
