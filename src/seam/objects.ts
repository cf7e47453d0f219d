/**
 * Seam's objects as they go over the wire: every property of its object page and of @seamapi/types 1.977.0. Timestamps
 * are ISO 8601 in UTC with milliseconds. Beside Seam's properties there is one of ours, `pintumbler`: what an offline code
 * is, and whether it opens a real lock.
 */

/** What went wrong with an access code; @seamapi/types 1.977.0 and, in the older vocabulary, the SDKs of 2024 and 2025. */
export type AccessCodeErrorCode =
  | 'no_space_for_access_code_on_device'
  | 'duplicate_code_on_device'
  | 'failed_to_set_on_device'
  | 'provider_issue'
  | 'igloohome_offline_access_code_no_variance_available'
  | 'dormakaba_oracode_no_valid_user_level';

export interface AccessCodeError {
  readonly error_code: AccessCodeErrorCode;
  readonly message: string;
  readonly is_access_code_error: true;
  readonly created_at: string;
}

export type AccessCodeWarningCode =
  | 'igloo_algopin_must_be_used_within_24_hours'
  | 'using_backup_access_code'
  | 'delay_in_setting_on_device'
  | 'being_deleted'
  | 'unknown_issue_with_access_code';

export interface AccessCodeWarning {
  readonly warning_code: AccessCodeWarningCode;
  readonly message: string;
  readonly created_at: string;
}

export type PendingMutation =
  | { readonly mutation_code: 'creating' | 'deleting'; readonly created_at: string; readonly message: string }
  | {
      readonly mutation_code: 'deferring_creation';
      readonly created_at: string;
      readonly message: string;
      readonly scheduled_at: string;
    };

/** The code that ends another one at the keypad, where the vendor has such codes. */
export interface ClearCode {
  readonly code: string;
  /** When it can be keyed in. */
  readonly starts_at: string;
  readonly ends_at: string | null;
  /** What it ends: this code alone, once it was used; all that were used; or all that began before `starts_at`. */
  readonly ends: 'this_code_once_used' | 'every_used_code' | 'every_code_begun';
}

/** What Seam has no words for. */
export interface OfflineCode {
  readonly vendor: string;
  /** `published`: the digits are the maker's real ones. `emulated`: these digits open no lock of that maker. */
  readonly codes: 'published' | 'emulated';
  /** Null where no code could be given out. */
  readonly kind: string | null;
  readonly variance: number | null;
  /** Of codes that count. */
  readonly count: number | null;
  /** A code that was never keyed in is refused from then on. */
  readonly first_use_by: string | null;
  /** Seconds by which the start was moved earlier and the end later; negative: less than asked. */
  readonly rounded: { readonly starts_at: number; readonly ends_at: number };
  readonly warnings: readonly string[];
  /** Codes that this one replaced and that the lock still takes, until then. */
  readonly still_open: readonly { readonly code: string; readonly ends_at: string | null }[];
  readonly clear_code: ClearCode | null;
}

export type AccessCodeStatus = 'setting' | 'set' | 'unset' | 'removing' | 'unknown';

export interface AccessCode {
  readonly access_code_id: string;
  readonly workspace_id: string;
  readonly device_id: string;
  readonly name: string | null;
  readonly appearance: { readonly name: string } | null;
  readonly code: string | null;
  readonly common_code_key: string | null;
  readonly type: 'time_bound';
  readonly status: AccessCodeStatus;
  /** For people: the wording is not for programs. */
  readonly display_status: string;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly created_at: string;
  readonly errors: readonly AccessCodeError[];
  readonly warnings: readonly AccessCodeWarning[];
  readonly pending_mutations: readonly PendingMutation[];
  readonly is_managed: true;
  readonly is_backup: boolean;
  readonly is_backup_access_code_available: boolean;
  readonly pulled_backup_access_code_id: string | null;
  readonly is_external_modification_allowed: boolean;
  readonly is_offline_access_code: true;
  readonly is_one_time_use: boolean;
  /** Not there for makers whose locks Seam does not schedule natively. */
  readonly is_scheduled_on_device?: boolean;
  readonly is_waiting_for_code_assignment: boolean;
  readonly dormakaba_oracode_metadata: OracodeMetadata | null;
  readonly pintumbler: OfflineCode;
}

export interface OracodeMetadata {
  readonly stay_id: number;
  readonly user_level_id: string;
  readonly user_level_name: string | null;
  readonly site_name: string;
  readonly is_cancellable: false;
  readonly is_extendable: false;
  readonly is_early_checkin_able: false;
  readonly is_overridable: false;
}

export type ActionType = 'CREATE_ACCESS_CODE' | 'UPDATE_ACCESS_CODE' | 'DELETE_ACCESS_CODE';

export type ActionAttempt = {
  readonly action_attempt_id: string;
  readonly action_type: ActionType;
} & (
  | { readonly status: 'pending'; readonly result: null; readonly error: null }
  | {
      readonly status: 'success';
      readonly result: { readonly access_code?: AccessCode };
      readonly error: null;
    }
  | {
      readonly status: 'error';
      readonly result: null;
      readonly error: { readonly type: string; readonly message: string };
    }
);

/** An entry of `errors` or `warnings` as events carry it. */
interface Issue {
  readonly message: string;
  readonly created_at: string;
}

interface Issues {
  readonly access_code_errors: readonly (Issue & { readonly error_code: string })[];
  readonly access_code_warnings: readonly (Issue & { readonly warning_code: string })[];
  readonly device_errors: readonly never[];
  readonly device_warnings: readonly never[];
  readonly connected_account_errors: readonly never[];
  readonly connected_account_warnings: readonly never[];
}

/** One property of an access code, before and after a change. */
export interface ChangedProperty {
  readonly property: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** What happened, and its documented payload. */
export type Occurrence =
  | { readonly event_type: 'access_code.created' | 'access_code.removed_from_device' }
  | {
      readonly event_type: 'access_code.changed';
      readonly changed_properties: readonly ChangedProperty[];
    }
  | { readonly event_type: 'access_code.scheduled_on_device'; readonly code: string }
  | { readonly event_type: 'access_code.set_on_device'; readonly code: string }
  | { readonly event_type: 'access_code.deleted'; readonly code: string | null }
  | {
      readonly event_type: 'access_code.backup_access_code_pulled';
      readonly backup_access_code_id: string;
    }
  | ({
      readonly event_type:
        | 'access_code.delay_in_setting_on_device'
        | 'access_code.failed_to_set_on_device'
        | 'access_code.delay_in_removing_from_device'
        | 'access_code.failed_to_remove_from_device';
    } & Issues);

export type SeamEvent = Occurrence & {
  readonly event_id: string;
  readonly event_description: string;
  readonly workspace_id: string;
  readonly created_at: string;
  readonly occurred_at: string;
  readonly access_code_id: string;
  readonly device_id: string;
  readonly connected_account_id: string;
};

/** One way to make a code, as `properties.offline_time_frame_options` has it (@seamapi/types 1.977.0). */
export interface TimeFrameOption {
  readonly display_name: string;
  /** ISO 8601 durations. */
  readonly min_duration?: string;
  readonly max_duration?: string;
  readonly matching_start_end_time?: true;
  readonly time_pairs?: readonly {
    readonly display_name: string;
    readonly start_time: string;
    readonly end_time: string;
  }[];
  readonly time_zone?: string;
}

/** A device; what a maker adds to `properties` is the maker's. */
export interface Device {
  readonly device_id: string;
  readonly device_type: string;
  readonly display_name: string;
  readonly nickname?: string;
  readonly workspace_id: string;
  readonly connected_account_id: string;
  readonly space_ids: readonly string[];
  readonly capabilities_supported: readonly ['access_code'];
  readonly can_program_offline_access_codes?: boolean;
  readonly can_program_online_access_codes: false;
  readonly can_unlock_with_code: boolean;
  readonly properties: Readonly<Record<string, unknown>> & {
    readonly online: boolean;
    readonly manufacturer: string;
    readonly supported_code_lengths: readonly number[];
    readonly offline_time_frame_options?: readonly TimeFrameOption[];
  };
  readonly location: { readonly time_zone: string; readonly timezone: string } | null;
  readonly errors: readonly never[];
  readonly warnings: readonly {
    readonly warning_code: string;
    readonly message: string;
    readonly created_at: string;
  }[];
  readonly created_at: string;
  readonly is_managed: true;
  readonly custom_metadata: Readonly<Record<string, string | boolean>>;
  readonly device_provider: {
    readonly device_provider_name: string;
    readonly display_name: string;
    readonly provider_category: string;
  };
  readonly device_manufacturer: { readonly manufacturer: string; readonly display_name: string };
}

export interface Pagination {
  readonly has_next_page: boolean;
  readonly next_page_cursor: string | null;
  readonly next_page_url: null;
}

/** An endpoint, as its owner sees it: with the secret, which Seam gives with every look. */
export interface WebhookObject {
  readonly webhook_id: string;
  readonly url: string;
  readonly event_types: readonly string[];
  readonly secret: string;
  /** Silenced: it answered 410 Gone, and gets nothing until it is updated. */
  readonly pintumbler: { readonly is_silenced: boolean };
}

/** What an endpoint is owed, and every try; Seam has no public counterpart. */
export interface WebhookDelivery {
  readonly webhook_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly access_code_id: string;
  readonly occurred_at: string;
  readonly state: 'pending' | 'delivered' | 'failed';
  /** `status`: of the answer; null where there was none, and `error` says why. */
  readonly tries: readonly {
    readonly tried_at: string;
    readonly status: number | null;
    readonly error: string | null;
  }[];
  /** Null: never. */
  readonly next_try_at: string | null;
}

/** Epoch seconds as Seam writes them: `2026-03-01T15:00:00.000Z`. */
export const timestamp = (instant: number): string => new Date(instant * 1000).toISOString();

/** The same where there may be none: no end is null. */
export const timestampOrNull = (instant: number | null): string | null =>
  instant === null ? null : timestamp(instant);

/** Every id of Seam's, of any version. */
export const UUID: RegExp = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
