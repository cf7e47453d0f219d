/** What a device of each vendor can be set to: the JSON of `--config`, in words. */

export interface Settings {
  /** The settings of a device, complete; no such object where a vendor has none. */
  readonly example: string;
  /** Each field in words. */
  readonly fields: readonly (readonly [name: string, says: string])[];
}

export const SETTINGS: Readonly<Record<string, Settings>> = {
  pintumbler: {
    example: '{"digits": 9, "stays": [["15:00", "11:00"], ["16:00", "10:00"]]}',
    fields: [
      ['digits', '9, if absent, or 10: four codes a window'],
      ['stays', 'check-in and check-out of the kinds stay and stay_2; the above if absent'],
    ],
  },
  tuya: {
    example: '{"t0": 1589251799, "base": 10}',
    fields: [
      ['t0', "epoch seconds of the device's pairing (DP 64). If absent the SDK's, above: no real device's"],
      ['base', 'keys of the keypad, 3 to 10; 10 if absent'],
      ['(key)', "not here: --key FILE, the 6 symbols of the device's login key. Without it one is made up"],
    ],
  },
  hotp: {
    example: '{"digits": 6, "hash": "SHA-1", "window": 10, "resync": 100}',
    fields: [
      ['digits', '6, if absent, to 10'],
      ['hash', 'SHA-1, if absent, SHA-256 or SHA-512'],
      ['window', 'counts after the last accepted one that the lock takes, 1 to 50; 10 if absent'],
      ['resync', 'counts after those in which two codes in a row bring it back, 0 to 1,000; 100 if absent'],
      ['(key)', 'not here: --key FILE, 16 bytes or more, as bytes, hex or base32. Without it one is made up'],
    ],
  },
  totp: {
    example: '{"digits": 6, "hash": "SHA-1", "period": 30, "t0": 0, "window": 1, "drift": 10}',
    fields: [
      ['digits, hash', 'and (key): as of hotp'],
      ['period', 'seconds a code, 1 to 86,400; 30 if absent'],
      ['t0', 'epoch seconds from which periods are counted; 0 if absent'],
      ['window', 'periods before and after the present one that the lock takes, 0 to 10; 1 if absent'],
      ['drift', 'periods by which its clock may turn out to be off, 0 to 100; 10 if absent'],
    ],
  },
  ocra: {
    example: '{"suite": "OCRA-1:HOTP-SHA256-8:QN08", "life": 300, "window": 10, "resync": 100, "drift": 10}',
    fields: [
      ['suite', 'of RFC 6287, with 4 to 10 digits; the above if absent'],
      ['life', 'seconds for which an answer is accepted, 10 to 86,400; 300 if absent'],
      [
        'window',
        'of a suite with C: counts, 1 to 50, 10 if absent; with T alone: periods, 0 to 10, 1 if absent',
      ],
      ['resync', 'of a suite with C: as of hotp'],
      ['drift', 'of a suite with T and no C: as of totp'],
      ['(key)', 'as of hotp; of a suite with P, and behind it the hash of the PIN: SHA-1, 20 bytes more'],
    ],
  },
  openpaygo: {
    example: '{"start": 123456789, "extended": false, "keypad": "digits", "count": 1}',
    fields: [
      ['start', "the device's starting code, 0 to 999999999; computed from its key if absent"],
      ['extended', 'true: tokens of 12 digits, and values to 999,999; false if absent'],
      ['keypad', 'digits, if absent, or restricted: the keys 1 to 4, and 15 or 20 of them a token'],
      ['count', 'the count of a new device, 0 to 65,535; 1 if absent'],
      ['(key)', "not here: --key FILE, the device's 16 bytes, mostly as hex. Without it one is made up"],
    ],
  },
  nexus: {
    example: '{"keypad": "small", "extended": true}',
    fields: [
      ['keypad', 'full, if absent: ten digits, values in hours; small: five keys, values in days'],
      ['extended', 'true: a small keypad takes extended keycodes too, one guess in 256; false if absent'],
      ['(key)', 'as of openpaygo'],
    ],
  },
  'dormakaba-oracode': {
    example:
      '{"predefined_time_slots": [{"prefix": 123, "check_in_time": "16:00", "check_out_time": "10:00"}]}',
    fields: [
      [
        'predefined_time_slots',
        "the door's user levels, 1 to 32, as Seam's device metadata has them; of each:",
      ],
      ['prefix', '0 to 999, written as three digits before its codes; no two alike. Or one of the names'],
      ['', 'dormakaba_oracode_user_level_prefix, ext_dormakaba_oracode_user_level_prefix'],
      [
        'check_in_time',
        'local time at the door, 16:00 or 16:00:00; an offset or [Zone] behind it is not looked at',
      ],
      ['check_out_time', 'likewise'],
      ['is_biweekly_mode', 'true: weeks, 1 to 62; if absent or false days, 1 to 31'],
      ['name, is_24_hour', 'and dormakaba_oracode_user_level_id: change no code'],
      ['is_master', 'and is_one_shot: true is refused'],
    ],
  },
  'codelocks-netcode': {
    example: '{"mode": "urm", "digits": 7, "dst": true, "star": false, "validation": 24}',
    fields: [
      ['mode', 'standard, if absent, acc, urm, end_date or 24h: a lock works in one'],
      ['digits', '7, if absent, or 6: locks before 2019'],
      ['dst', 'whether the lock follows daylight-saving time; true if absent'],
      ['star', 'whether * comes before a code; false if absent'],
      [
        'validation',
        'mode urm only: first use within so many hours, 1 to 168, or whole days to 504; 24 if absent',
      ],
    ],
  },
  'master-lock': {
    example: '{"lock": "standard", "window": 14400, "epoch": 0, "keypad": "digits"}',
    fields: [
      ['lock', 'standard, if absent: a period of 4 hours; deadbolt: 1 hour'],
      ['window', 'the period in seconds, 1800 to 604800, where it is another (premium)'],
      ['epoch', 'from which second after 1970 periods are counted; 0 if absent (premium)'],
      ['keypad', 'digits, if absent, or directions: a d-pad, written U, D, L, R'],
    ],
  },
  resortlock: {
    example: '{"model": "RL2000"}',
    fields: [['model', 'RL2000, if absent: one code a window; RL4000: four']],
  },
};
