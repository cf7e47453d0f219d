/** What `--help` says: an example first, then the flags. */
import { SETTINGS } from './settings.ts';
import { wrapped } from './words.ts';

export const VERSION = '0.1.0';

const EXITS = `Exit codes: 0 done or accepted, 1 refused by the lock, 2 wrong usage, 3 bad input, 4 internal.
Times are ISO 8601: 2026-03-01T15:20 is local time at the door, 2026-03-01T15:20+01:00 and ...Z are what they say.
A token FILE is JSON or a pt1. line; - is standard input. Secrets come from files only.`;

/** The settings of each vendor: an example of all, then each field. */
const settingsText = (): string =>
  Object.entries(SETTINGS)
    .map(([vendor, { example, fields }]) => {
      const width = Math.max(...fields.map(([name]) => name.length)) + 4;
      const lines = fields.flatMap(([name, says]) => {
        const [first = '', ...more] = wrapped(says, width);
        return [`  ${name}`.padEnd(width) + first.trimStart(), ...more];
      });
      return [`${vendor}: ${example}`, ...lines].join('\n');
    })
    .join('\n\n');

const DEVICES = `pintumbler devices add --store DIR|postgres://... [--store-key FILE] --devices FILE
pintumbler devices list --store DIR|postgres://... [--store-key FILE] [--json]
pintumbler devices remove --store DIR|postgres://... [--store-key FILE] --device-id UUID

  pintumbler devices add --store registry --devices doors.jsonl
  pintumbler devices list --store registry
  pintumbler devices remove --store registry --device-id 4c0ffee0-1234-4abc-8def-0123456789ab

The devices in the store of "pintumbler serve", each sealed under the store key. A device that is there is replaced: so a
lock gets the token of its next epoch. A server on the same PostgreSQL takes a change over within seconds; a folder is of one
process at a time, so end its server first, or name --devices as it starts.
  --store, --store-key, --devices   as those of "pintumbler serve"
  --device-id UUID                  as "list" has it. What was given out for the device stays given out
  --json                            an object a line, without the token

${EXITS}`;

export const HELP: Readonly<Record<string, string>> = {
  '': `pintumbler: offline PIN codes for keypad locks

A door, a stay, and a guest at the keypad:

  pintumbler token create --vendor pintumbler --device-id door-7 --time-zone Europe/Lisbon > door-7.json
  pintumbler mint   --token door-7.json --starts-at 2026-03-01T15:20 --ends-at 2026-03-04T11:00
  pintumbler verify --token door-7.json --code CODE --at 2026-03-01T16:05 --state door-7.state

Commands:
  token create    a new device token, with its root: for the lock and its authority
  token derive    an issuer's token, for one epoch, without the root
  token inspect   what a token says, without its secret; its layout in full with --json
  mint            a code for a time or a count, or one for each line of a file
  verify          one entry at a simulated keypad, or a challenge that it shows
  read            what digits mean
  vendors         whose rules there are, and whether the codes are real (published) or ours (emulated)
  security        how guessable the codes of each vendor are
  vectors         test vectors for a vendor, as JSON or as a C header
  serve           Seam's Access Codes API over HTTP, for devices of yours
  devices         those in the store of a server: add, list, remove
  demo            four codes, each entered too early, in time, again and too late

pintumbler COMMAND --help explains one.

${EXITS}`,

  token: `pintumbler token create | derive | inspect

  pintumbler token create --vendor igloohome --device-id door-7 --time-zone Asia/Kathmandu > door-7.json
  pintumbler token derive --token door-7.json --epoch 1 --variances 0-1 > front-desk.json
  pintumbler token inspect --token front-desk.json --json

${EXITS}`,

  'token create': `pintumbler token create --vendor V --device-id ID --time-zone Z
                        [--master FILE | --key FILE [--key-format raw|hex|base32]]
                        [--epoch N] [--config FILE] [--format json|line]

  pintumbler token create --vendor pintumbler --device-id door-7 --time-zone Europe/Lisbon > door-7.json
  echo '{"digits": 10}' > ten.json
  pintumbler token create --vendor pintumbler --device-id gym --time-zone Europe/Lisbon --config ten.json --format line
  pintumbler token create --vendor tuya --device-id shed --time-zone Europe/Lisbon --key login.key > shed.json
  pintumbler token create --vendor totp --device-id safe --time-zone UTC --key qr.txt --key-format base32 > safe.json
  pintumbler token create --vendor openpaygo --device-id kit-7 --time-zone UTC --key kit-7.hex --key-format hex > kit-7.json

Prints a token WITH ITS ROOT: for the lock and its authority. Issuers get what "token derive" prints. Tuya has no root:
its token holds the one key that there is, whoever has it makes every code, and "token derive" takes nothing away. So
it is with hotp, totp, ocra, openpaygo and nexus.
  --key FILE      for vendors that prescribe their key: the 6 symbols of Tuya's login key, 16 bytes of OpenPAYGO and Nexus,
                  16 or more of hotp, totp and ocra (of a suite with a PIN, and behind them the hash of the PIN). Else one
                  is made up, which opens no real device: as long as the hash (20, 32 or 64 bytes), or 16 bytes.
                  For other vendors: the 32 bytes of one epoch's key, a token without a root
  --key-format F  how the key is written in that file. raw, if absent: its bytes, a newline too (not of Tuya's). hex:
                  pairs of hex digits. base32: what is behind secret= in an otpauth:// QR code. White space in hex and
                  base32 does not count
  --master FILE   derive the root from a master key: all bytes of the file, at least 32; else the root is random
  --epoch N       key epoch, 0 if absent
  --config FILE   the vendor's device settings, JSON; "pintumbler help vendors" has them. Oracode cannot do without, and
                  a real Tuya device has a T0 of its own
  --format line   one line with a checksum, for a QR code

${EXITS}`,

  'token derive': `pintumbler token derive --token FILE [--epoch N] [--variances A-B] [--format json|line]

  pintumbler token derive --token door-7.json --epoch 1 > front-desk.json

Prints an issuer's token: the key of one epoch, no root. What leaks from it ends with the epoch.
  --variances A-B   the share of this issuer, so that two issuers never give two guests one code

${EXITS}`,

  'token inspect': `pintumbler token inspect --token FILE [--json]

  pintumbler token inspect --token door-7.json
  pintumbler token inspect --token door-7.json --json | jq .layout

Never shows the secret. With --json the layout is there in full: enough to compute every code elsewhere. Of vendors that
count: counts (of a new lock: last, floor), and of each kind every and rest (its counts), lengths (its values) and accepts
(which counts, or periods, from the last accepted one on).

${EXITS}`,

  mint: `pintumbler mint --token FILE --starts-at T [--ends-at T] [--one-time] [--max-time-rounding 1h|1d]
                [--kind K] [--variance N] [--lane L] [--disambiguation earlier|later] [--issued-at T] [--json]
pintumbler mint --token FILE (--count N | --after N) [--kind K] [--value V] [--challenge TEXT] [--session HEX] [--json]
pintumbler mint --devices FILE [--json]

  pintumbler mint --token door-7.json --starts-at 2026-03-01T15:20 --ends-at 2026-03-04T11:00
  pintumbler mint --token door-7.json --starts-at 2026-03-01T09:00 --ends-at 2026-03-02T18:00 --max-time-rounding 1d
  pintumbler mint --token door-7.json --starts-at 2026-03-01T09:00 --one-time --json
  pintumbler mint --token door-7.json --starts-at 2026-03-01T09:00 --kind clear
  pintumbler mint --token totp.json --starts-at 2026-03-01T15:20:07
  pintumbler mint --token hotp.json --after -1
  pintumbler mint --token kit-7.json --after 18 --kind add --value 30
  pintumbler mint --token ocra.json --challenge 48290137
  pintumbler mint --devices bookings.jsonl > codes.jsonl

Prints the code; what was rounded goes to standard error, or all of it into the JSON with --json.
  --one-time            a code for one opening; of many makers it takes no end
  --max-time-rounding   ceiling for each end, 1h if absent; 1d prefers whole days
  --kind K              this kind of code and no other, such as clear, permanent or dynamic: "token inspect" lists them.
                        If absent, the time-bound kind that needs least rounding, or the only kind for counts
  --lane L              where a door has codes with different prefixes (user levels of Oracode): this prefix, such as 123
  --variance N          another code for the same window: 0 is the first
  --disambiguation      for a local time that the clock skips or shows twice
  --issued-at T         when the code is made, for makers who allow that only so long ahead
  --devices FILE        JSON Lines, one answer a line, in order; a bad line gets {"id", "error"}, and the exit code is 3.
                        Fields: id (comes back), token (the object of a token file, or a "pt1." line), starts_at, ends_at,
                        one_time (true), max_time_rounding, kind, lane (a string), variance (a number), disambiguation,
                        issued_at; only token and starts_at must be there, and ends_at where a code has an end. For
                        counts and answers: count, after and value (numbers), challenge and session

Codes for counts (hotp, openpaygo, nexus, ocra with C) take no time, but of OCRA with C and T, which say both. Who makes
them keeps the last count, and hands it in as --after the next time:
  --after N             the next code after the last one made, of count N, -1 for none; a count is passed over that its
                        kind does not have, or whose code could be taken for another's
  --count N             the code of that count: nobody looks whether there has been one
  --value V             what the code carries, such as days of credit; not for kinds that carry nothing
Codes that answer (ocra); with a suite that has neither C nor T, that is all they are:
  --challenge TEXT      what the lock shows
  --session HEX         session information, of a suite with S

${EXITS}`,

  verify: `pintumbler verify --token FILE --code C --at T [--state FILE] [--challenge TEXT] [--session HEX] [--json]
pintumbler verify --token FILE --at T --state FILE --challenge TEXT [--session HEX] [--json]

  pintumbler verify --token door-7.json --code 482901377 --at 2026-03-01T16:05 --state door-7.state
  pintumbler verify --token ocra.json --at 2026-03-01T16:05:00 --state ocra.state --challenge 48290137
  pintumbler verify --token ocra.json --at 2026-03-01T16:06:10 --state ocra.state --code 58124409

One entry at a simulated keypad. Without --state the lock is new; with it, the file is read and rewritten, and made
if it is not there. It holds live codes: keep it like one. A new lock that counts has accepted nothing: without --state
it takes the first counts only, such as 0 to 9 of hotp, and the same code as often as it is tried.
  --challenge TEXT      the lock asks first, at the same time T: for codes that answer (ocra). Without --code it asks
  --session HEX         and waits: the answer is the next entry with the same --state. Then there is no --challenge

${EXITS}`,

  read: `pintumbler read --token FILE --code C [--at T] [--count N] [--challenge TEXT] [--session HEX] [--json]

  pintumbler read --token door-7.json --code 482901377 --at 2026-03-01T16:05
  pintumbler read --token hotp.json --code 755224 --count 12

What the digits mean within a year of T, or mistyped: nearly every wrong code means something. Whether a code has been
used, only the lock knows. Codes of a period (totp) are looked for around T.
  --at T                must be there, unless codes are for counts and say no time
  --count N             for codes for counts: the last that the lock accepted, -1 for none; that of a new lock if absent.
                        Looked at is that, and what the lock would accept after it
  --challenge TEXT      what the lock asked (ocra), and --session HEX

${EXITS}`,

  vendors: `pintumbler vendors [--json]

  pintumbler vendors --json

published: the digits are the maker's real ones. emulated: the rules are real, the digits are ours, and the codes
open no lock of that maker.

The settings of a device, for --config: a file with one JSON object, such as these. Fields may be left out, but for
Oracode's, which are REQUIRED: a door's levels are the door's. igloohome, lockly, ttlock and sentrilock have none.

${settingsText()}

${EXITS}`,

  security: `pintumbler security [--vendor V] [--config FILE] [--json]

  pintumbler security
  pintumbler security --vendor igloohome --json
  pintumbler security --vendor pintumbler --config ten.json

How many codes a lock accepts at once, of how many there are, and what that is worth: one row for each table of codes, its
easiest prefix. With --json every prefix, one object a line, with the count by kind.
  --config FILE   the vendor's device settings, JSON; a sample of its own if absent

${EXITS}`,

  vectors: `pintumbler vectors --vendor V [--seed S] [--count N] [--format json|c]

  pintumbler vectors --vendor pintumbler --seed rig-1 --count 100 > vectors.json
  pintumbler vectors --vendor igloohome --format c > igloohome_vectors.h

Test vectors with every value between key and code. The same seed gives the same file.
  --seed S    any text, "pintumbler" if absent
  --count N   1 to 100000 random codes, shared out among the vendor's tables; 100 if absent

${EXITS}`,

  serve: `pintumbler serve --devices FILE [--keys FILE] [--port N] [--host H]
pintumbler serve --store DIR|postgres://... [--store-key FILE] [--devices FILE] [--keys FILE] [--port N] [--host H]
                 [--upstream URL] [--assign-after SECONDS] [--error-codes current|legacy] [--no-rate-limits]
                 [--rate-limit N] [--body-limit BYTES] [--timeout SECONDS] [--drain SECONDS] [--log json]

  pintumbler serve --devices door-7.json
  pintumbler serve --store registry --devices doors.jsonl
  pintumbler serve --store postgres://pintumbler@db.internal/codes --store-key store.key --keys api.keys --log json

Seam's Access Codes API for devices of yours, for Seam's own SDKs with is_offline_access_code: new SeamHttp({ endpoint,
apiKey }). Prints its URL when it listens, and what there is on standard error; Ctrl-C or SIGTERM ends it.
  --store memory        the default, FOR TESTS: after a restart other guests get the same codes
  --store DIR           a folder, for one process at a time; needs npm install @electric-sql/pglite. What was given out is on
                        the disk before it is answered
  --store postgres://   a PostgreSQL, for many servers at once; needs npm install pg. PGPASSWORD or ~/.pgpass keep the
                        password out of the list of processes. Tables are made and brought to the present schema at start
  --store-key FILE      the key under which a store seals tokens, names and codes: 32 random bytes in hex or base64, as openssl
                        rand -hex 32 prints them; # begins a comment. More lines are older and newer keys that open too, the
                        first one seals. If absent PINTUMBLER_STORE_KEY, or for a folder DIR.store-key beside it, which is
                        made with the folder
  --devices FILE        token files one after the other, a JSON list of them, JSON Lines, pt1. lines; or entries {"token":
                        the object of a token file or a pt1. line, "device_id": a UUID, "name", "device_type"}, of which
                        only token must be there. A line that begins with # is a comment. device_type is one of Seam's
                        lock types, such as igloohome_lock. What "token derive" prints is enough. A store that lasts keeps
                        them, and needs them only once; named again, they replace those there: see "pintumbler devices --help"
  --keys FILE           API keys, one a line: seam_..., or sha256: and the SHA-256 of one in hex; # begins a comment. If
                        absent DIR.keys, or FILE.keys beside the devices, made with one random key if it is not there
  --port N              8080 if absent; 0 for any that is free
  --host H              127.0.0.1 if absent: this machine only. There is no TLS here: put a proxy with it in front
  --upstream URL        Seam's own API: it gets all that is about other devices and codes, unchanged, and lists have both. Its
                        API keys pass; put them among --keys too, for the offline codes
  --assign-after S      access codes wait that many seconds for their code, as Seam's do for some locks; 0 if absent
  --error-codes legacy  the names that errors of access codes had in the SDKs of 2024 and 2025; current if absent
  --no-rate-limits      no 429; else a device has 10 creations, 10 updates and 20 deletions a minute, as at Seam
  --rate-limit N        beside these, so many requests a minute for each API key at this process; none if absent
  --body-limit BYTES    of a request, 1048576 if absent
  --timeout S           in which a request must have come whole, 30 if absent
  --drain S             after SIGTERM, how long it still answers while /ready says no; 0 if absent. Then running requests end
  --log json            on standard error a JSON object a line, for each request and event; else lines for people

Without an API key, and for a proxy or a monitor only: GET /health (200: it lives), /ready (200, or 503 with stopping or store),
/metrics (counts, for Prometheus). Neither these nor --log json name a device, a code, a guest or a key.

${EXITS}`,

  devices: DEVICES,

  'devices add': DEVICES,

  'devices list': DEVICES,

  'devices remove': DEVICES,

  demo: `pintumbler demo

A sample door, four codes, each entered at a simulated lock too early, in time, again and too late.`,
};
