/**
 * pintumbler beside its peers: `npm run bench`, or `npm run --silent bench -- --json`. See README.md beside this file.
 * `npm run bench -- stores` measures its stores instead, beside each other.
 *
 * First every output is compared with an independent calculation; if one differs, nothing is timed and the exit code
 * is 1. What is measured is dist/, with the peers that package-lock.json names.
 */
import { createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { FF1 } from '@noble/ciphers/ff1.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import * as otpauth from 'otpauth';
import { createGuardrails, generateSync } from 'otplib';
// Not 'pintumbler': inside this folder, the package of that name is not the nearest one.
import { plan, zoneFacts } from '../dist/calendar.js';
import { createToken, mint, read } from '../dist/index.js';
import { createLock, enter, initialState } from '../dist/lock.js';
import { hotp, numberFf1, oathKey, sealed, totp } from '../dist/schemes.js';
import { hotp as hotpVendor, igloohome, pintumbler, totp as totpVendor } from '../dist/vendors.js';
import { measure, ratio, summary, table } from './measure.mjs';

if (process.argv.includes('stores')) {
  const { storesBench, tellStores } = await import('./stores.mjs');
  const stores = await storesBench().catch((error) => {
    console.error(`bench: the stores: ${error.message}`);
    process.exit(1);
  });
  if (process.argv.includes('--json')) console.log(JSON.stringify(stores, undefined, 2));
  else for (const line of tellStores(stores)) console.log(line.trimEnd());
  process.exit();
}

const ROUNDS = 41;
const BATCH_US = 6000;
const CHECKED = 2000;
/** Different inputs an operation goes through, in turn: a power of two. */
const INPUTS = 1024;

const HOUR = 3600;
const DAY = 24 * HOUR;
const EPOCH = 1577836800; // 2020-01-01, where slots are counted from
const FROM = Date.UTC(2026, 0, 1) / 1000;
const UNTIL = Date.UTC(2036, 0, 1) / 1000;

/** mulberry32: the same inputs in every run. */
function random(seed) {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
const pick = random(20260301);

const root = (i) => Uint8Array.from({ length: 32 }, (_, k) => (k < 4 ? i >>> (8 * k) : 7 * k));
const berlin = zoneFacts('Europe/Berlin', FROM, UNTIL);
const utc = zoneFacts('UTC', FROM, UNTIL);
const doorOf = (vendor, facts, i) => createToken({ vendor, deviceId: `door-${i}`, root: root(i), ...facts });

// The other side of the checks: sealed/1 once more, on node:crypto and the public FF1 of @noble/ciphers.

const lp = (text) => Buffer.concat([Buffer.of(text.length >> 8, text.length & 255), Buffer.from(text)]);
const u32 = (value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
const derive = (ikm, salt, info, length) => new Uint8Array(hkdfSync('sha256', ikm, salt, info, length));
const deviceInfo = (i) => Buffer.concat([lp(`door-${i}`), u32(0)]);
const sealInfo = (layout) => Buffer.concat([lp(layout), lp(''), Buffer.of(9)]);
const aesKey = (i, layout) =>
  derive(
    derive(root(i), 'pintumbler epoch/1', deviceInfo(i), 32),
    'pintumbler sealed/1',
    sealInfo(layout),
    16,
  );
const digitsOf = (value) => Array.from(String(value).padStart(9, '0'), Number);

const OURS = { layout: 'pintumbler-9/1', s: 256 };
const IGLOO = { layout: 'igloohome/1', s: 3038 };

/** A random grant of a door, with the page and the payload that the layout's table gives it. */
const GRANTS = {
  hourly(door, rules = OURS) {
    const slot = (FROM - EPOCH) / HOUR + pick(80_000);
    const [lengths, variances] = rules === OURS ? [24, 1] : [672, 3];
    const length = pick(lengths);
    const variance = pick(variances);
    const startsAt = EPOCH + slot * HOUR;
    const grant = { kind: 'hourly', variance, startsAt, endsAt: startsAt + (length + 1) * HOUR };
    return sealedGrant(door, grant, rules, slot, length * variances + variance);
  },
  oneTime(door) {
    const slot = (FROM - EPOCH) / HOUR + pick(80_000);
    const variance = pick(2);
    const startsAt = EPOCH + slot * HOUR;
    const grant = { kind: 'one_time', variance, startsAt, endsAt: startsAt + DAY };
    return sealedGrant(door, grant, OURS, slot, 108 + variance);
  },
  /** Through `plan`, whose request names the civil days. */
  daily: (door) => civil(door, 'daily', 24, '00:00', '00:00'),
  stay: (door) => civil(door, 'stay', 52, '15:00', '11:00'),
};

function civil(door, kind, base, opens, closes) {
  const day = (FROM - EPOCH) / DAY + 2 + pick(3300);
  const nights = 1 + pick(28);
  const at = (d, time) => `${new Date((EPOCH + d * DAY) * 1000).toISOString().slice(0, 10)}T${time}`;
  const { grant } = plan(door, { kind, startsAt: at(day, opens), endsAt: at(day + nights, closes) });
  return sealedGrant(door, grant, OURS, day * 24, base + nights - 1);
}

function sealedGrant(door, grant, { s }, slot, rest) {
  const perPage = Math.floor(1e9 / s);
  return {
    door,
    grant,
    page: Math.floor(slot / perPage),
    payload: (slot % perPage) * s + rest,
    code: mint(door, grant),
  };
}

/** RFC 4226, on node:crypto. */
function hotpOf(secret, count) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(count));
  const mac = createHmac('sha1', secret).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

// What is timed: one door in Berlin and one in UTC, of our own vendor; each library with its keys as ready as it allows.

const door = doorOf(pintumbler, berlin, 0);
const utcDoor = doorOf(pintumbler, utc, 0);
const inputs = (make) => Array.from({ length: INPUTS }, (_, i) => make(i));
const hourly = inputs(() => GRANTS.hourly(door));
const stays = inputs(() => GRANTS.stay(door));

const key = aesKey(0, OURS.layout);
const ourFf1 = numberFf1(key, 10, 9);

// The scheme by itself, as its contract has it: a claim in, digits out. The layout is pintumbler-9/1, `hourly` only.
const codec = sealed.prepare(derive(root(0), 'pintumbler epoch/1', deviceInfo(0), 32), {
  id: OURS.layout,
  digits: 9,
  alphabet: '0123456789',
  codes: 1e9,
  perSlot: OURS.s,
  used: 24,
  places: [{ base: 0, lengths: 24, variances: 1, lane: undefined }],
  lanes: [''],
  span: 35275,
});
const claims = hourly.map(({ payload }) => ({
  kind: 0,
  slot: Math.floor(payload / OURS.s),
  length: payload % OURS.s,
  variance: 0,
  lane: '',
}));
const nobleFf1 = FF1(10, key, u32(0));
const numerals = hourly.map(({ payload }) => digitsOf(payload));
const sealedNumerals = hourly.map(({ code }) => Array.from(code, Number));

const secret = Uint8Array.from({ length: 20 }, (_, i) => 13 * i + 1);
const moments = inputs(() => FROM + pick(UNTIL - FROM));
const byOtpauth = new otpauth.TOTP({ secret: new otpauth.Secret({ buffer: secret.buffer }) });
const hotpByOtpauth = new otpauth.HOTP({ secret: new otpauth.Secret({ buffer: secret.buffer }) });
const keyed = hmac.create(sha1, secret);
const scratch = keyed.clone();
const digest = new Uint8Array(20);
const byOtpauthKept = new otpauth.TOTP({
  secret: new otpauth.Secret({ buffer: secret.buffer }),
  algorithm: 'SHA1',
  hmac(_algorithm, _key, message) {
    keyed._cloneInto(scratch).update(message).digestInto(digest);
    return digest;
  },
});
const otplibOptions = { secret, epoch: 0, guardrails: createGuardrails() };
const byOtplib = (seconds) => {
  otplibOptions.epoch = seconds;
  return generateSync(otplibOptions);
};

const hotpOptions = { strategy: 'hotp', secret, counter: 0, guardrails: createGuardrails() };
const hotpByOtplib = (counter) => {
  hotpOptions.counter = counter;
  return generateSync(hotpOptions);
};

// Ours: the functions, over a key made ready and over its bytes; and the vendors, where mint checks the grant.
const counts = inputs(() => pick(2 ** 31));
const ready = oathKey(secret);
const otp = (vendor) => createToken({ vendor, deviceId: 'otp', key: secret, timeZone: 'UTC' });
const [hotpToken, totpToken] = [otp(hotpVendor), otp(totpVendor)];
const hotpGrants = counts.map((count) => ({ kind: 'hotp', variance: 0, count, value: 0 }));
const totpGrants = moments.map((seconds) => {
  const startsAt = seconds - (seconds % 30);
  return { kind: 'totp', variance: 0, startsAt, endsAt: startsAt + 30 };
});

const lock = createLock([door]); // it holds the root: epochs 0 and 1 are live
const unused = initialState(lock, FROM);
const entered = hourly.map(({ code, grant }) => enter(lock, unused, code, grant.startsAt).state);

const wanted = stays.map(({ grant }) => ({
  startsAt: `${new Date(grant.startsAt * 1000).toISOString().slice(0, 10)}T15:20`,
  endsAt: `${new Date(grant.endsAt * 1000).toISOString().slice(0, 10)}T10:40`,
}));

// Every token, and every info and salt of the peer, is made before the clock starts.
let made = 0;
const freshToken = () => doorOf(pintumbler, berlin, ++made);
const freshKeys = () => {
  const i = ++made;
  return { ikm: root(i), device: deviceInfo(i), id: lp(`door-${i}`) };
};
const SALT = { device: Buffer.from('pintumbler device/1'), epoch: Buffer.from('pintumbler epoch/1') };
const SEAL_SALT = Buffer.from('pintumbler sealed/1');
const SEAL_INFO = sealInfo(OURS.layout);
const nobleKeys = (ikm, info) =>
  hkdf(sha256, hkdf(sha256, ikm, SALT.epoch, info, 32), SEAL_SALT, SEAL_INFO, 16);
const master = root(0xffff);

const last = (code) => code.charCodeAt(code.length - 1);
const turn = (list, i) => list[i & (INPUTS - 1)];

/** Two suites, one after the other: the garbage of many tokens is no business of what comes first. */
const KEY_READY = [
  { group: 'A code, key ready' },
  { id: 'encode', name: 'sealed/1 code from a claim', run: (i) => last(codec.encode(turn(claims, i))) },
  { id: 'mint', name: 'mint, hourly', run: (i) => last(mint(door, turn(hourly, i).grant)) },
  { id: 'mintStay', name: 'mint, stay in Berlin', run: (i) => last(mint(door, turn(stays, i).grant)) },
  { id: 'ff1', name: 'numberFf1 encrypt, bare', run: (i) => ourFf1.encrypt(turn(hourly, i).payload, 0) },
  { id: 'nobleFf1', name: '@noble/ciphers FF1 encrypt', run: (i) => nobleFf1.encrypt(turn(numerals, i))[8] },
  {
    id: 'otpauth',
    name: 'otpauth TOTP',
    run: (i) => last(byOtpauth.generate({ timestamp: turn(moments, i) * 1000 })),
  },
  {
    id: 'otpauthKept',
    name: "otpauth TOTP over a caller's kept HMAC key",
    run: (i) => last(byOtpauthKept.generate({ timestamp: turn(moments, i) * 1000 })),
  },
  { id: 'otplib', name: 'otplib TOTP', run: (i) => last(byOtplib(turn(moments, i))) },

  { group: 'A one-time password' },
  { id: 'totp', name: 'totp, key ready', run: (i) => last(totp(ready, turn(moments, i))) },
  { id: 'totpRaw', name: 'totp from the raw key', run: (i) => last(totp(secret, turn(moments, i))) },
  { id: 'mintTotp', name: 'mint, totp', run: (i) => last(mint(totpToken, turn(totpGrants, i))) },
  { id: 'hotp', name: 'hotp, key ready', run: (i) => last(hotp(ready, turn(counts, i))) },
  { id: 'hotpRaw', name: 'hotp from the raw key', run: (i) => last(hotp(secret, turn(counts, i))) },
  { id: 'mintHotp', name: 'mint, hotp', run: (i) => last(mint(hotpToken, turn(hotpGrants, i))) },
  {
    id: 'otpauthHotp',
    name: 'otpauth HOTP',
    run: (i) => last(hotpByOtpauth.generate({ counter: turn(counts, i) })),
  },
  { id: 'otplibHotp', name: 'otplib HOTP', run: (i) => last(hotpByOtplib(turn(counts, i))) },

  { group: 'Back from a code, key ready' },
  {
    id: 'read',
    name: 'read, hourly',
    run: (i) => {
      const { code, grant } = turn(hourly, i);
      return read(door, code, grant.startsAt).length;
    },
  },
  {
    id: 'readStay',
    name: 'read, stay in Berlin',
    run: (i) => {
      const { code, grant } = turn(stays, i);
      return read(door, code, grant.startsAt).length;
    },
  },
  {
    id: 'enter',
    name: 'enter, first use, two epochs',
    run: (i) => {
      const { code, grant } = turn(hourly, i);
      return enter(lock, unused, code, grant.startsAt).state.records.length;
    },
  },
  {
    id: 'enterAgain',
    name: 'enter, used before, two epochs',
    run: (i) => {
      const { code, grant } = turn(hourly, i);
      return enter(lock, turn(entered, i), code, grant.startsAt + 60).state.records.length;
    },
  },
  { id: 'unff1', name: 'numberFf1 decrypt, bare', run: (i) => ourFf1.decrypt(turn(hourly, i).payload, 0) },
  {
    id: 'nobleUnff1',
    name: '@noble/ciphers FF1 decrypt',
    run: (i) => nobleFf1.decrypt(turn(sealedNumerals, i))[8],
  },
];

const KEY_NEW = [
  { group: 'A code, new key' },
  {
    id: 'first',
    name: 'mint, first of a token (root)',
    fresh: freshToken,
    run: (i, token) => last(mint(token, turn(hourly, i).grant)),
  },
  {
    id: 'nobleFirst',
    name: 'noble HKDF ×2 + FF1',
    fresh: freshKeys,
    run: (i, { ikm, device }) => FF1(10, nobleKeys(ikm, device), u32(0)).encrypt(turn(numerals, i))[8],
  },
  {
    id: 'many',
    name: 'createToken from a master key + mint',
    fresh: () => `door-${++made}`,
    run: (i, deviceId) =>
      last(mint(createToken({ vendor: pintumbler, deviceId, master, ...berlin }), turn(hourly, i).grant)),
  },
  {
    id: 'nobleMany',
    name: 'noble HKDF ×3',
    fresh: freshKeys,
    run: (_, { device, id }) => nobleKeys(hkdf(sha256, master, SALT.device, id, 32), device)[0],
  },

  { group: 'A request' },
  { id: 'planUtc', name: 'plan, UTC', run: (i) => plan(utcDoor, turn(wanted, i)).grant.endsAt },
  { id: 'planDst', name: 'plan, Berlin', run: (i) => plan(door, turn(wanted, i)).grant.endsAt },
];

/** Time of one over time of the other, with the least or the most that is promised of it. */
const RATIOS = [
  { of: 'nobleFf1', to: 'encode', least: 20 },
  { of: 'otpauth', to: 'encode', least: 2 },
  { of: 'otplib', to: 'encode', least: 2 },
  { of: 'otpauth', to: 'totp', least: 1 },
  { of: 'otplib', to: 'totp', least: 1 },
  { of: 'otpauth', to: 'mintTotp', least: 1 },
  { of: 'otpauthHotp', to: 'hotp', least: 1 },
  { of: 'otplibHotp', to: 'hotp', least: 1 },
  { of: 'otpauthHotp', to: 'mintHotp', least: 1 },
  { of: 'otpauth', to: 'totpRaw' },
  { of: 'otplib', to: 'totpRaw' },
  { of: 'otpauthKept', to: 'totp' },
  // mint also checks the grant and finds its place in the layout.
  { of: 'nobleFf1', to: 'mint' },
  { of: 'nobleFf1', to: 'mintStay' },
  { of: 'nobleFf1', to: 'ff1' },
  { of: 'otpauth', to: 'mint' },
  { of: 'otpauthKept', to: 'mint' },
  // Pages × epochs × lanes mints: one page here, as almost always, and no lanes.
  { of: 'read', to: 'mint', most: 1 },
  { of: 'readStay', to: 'mintStay', most: 1 },
  { of: 'enter', to: 'mint' },
  { of: 'enterAgain', to: 'mint' },
  { of: 'nobleUnff1', to: 'read' },
  { of: 'nobleUnff1', to: 'unff1' },
  { of: 'nobleFirst', to: 'first' },
  { of: 'many', to: 'nobleMany', most: 2 },
  { of: 'planUtc', to: 'first', most: 1 },
  { of: 'planDst', to: 'first', most: 1 },
];

/** What differs between our outputs, the peers' and the independent calculation; undefined where nothing does. */
function difference() {
  const berlinIgloo = doorOf(igloohome, berlin, 1);
  const makers = [
    [() => GRANTS.hourly(door), OURS, 0],
    [() => GRANTS.daily(door), OURS, 0],
    [() => GRANTS.stay(door), OURS, 0],
    [() => GRANTS.oneTime(door), OURS, 0],
    [() => GRANTS.hourly(berlinIgloo, IGLOO), IGLOO, 1],
  ];
  const keys = new Map(makers.map(([, { layout }, i]) => [layout, aesKey(i, layout)]));
  for (let i = 0; i < CHECKED; i++) {
    const [make, { layout }] = makers[i % makers.length];
    const { door, grant, page, payload, code } = make();
    const expected = FF1(10, keys.get(layout), u32(page)).encrypt(digitsOf(payload)).join('');
    const what = `${JSON.stringify(grant)} (payload ${payload}, page ${page})`;
    if (code !== expected) return `mint gives ${code} for ${what}, FF1 of @noble/ciphers ${expected}`;
    const bare = numberFf1(keys.get(layout), 10, 9);
    if (digitsOf(bare.encrypt(payload, page)).join('') !== expected) return `numberFf1 differs for ${what}`;
    if (layout === OURS.layout && door === hourly[0].door && grant.kind === 'hourly' && page === 0) {
      const claim = {
        kind: 0,
        slot: Math.floor(payload / OURS.s),
        length: payload % OURS.s,
        variance: 0,
        lane: '',
      };
      if (codec.encode(claim) !== expected) return `sealed/1 differs for ${what}`;
    }
    if (bare.decrypt(Number(expected), page) !== payload) return `numberFf1 decrypt differs for ${what}`;
    if (JSON.stringify(read(door, code, grant.startsAt)) !== JSON.stringify([grant]))
      return `read of ${code} does not give back ${what}`;
  }
  for (const { code, grant } of hourly) {
    const { verdict, state } = enter(lock, unused, code, grant.startsAt);
    const again = enter(lock, state, code, grant.startsAt + 60);
    if (verdict.reason !== 'first_use' || again.verdict.reason !== 'used_before')
      return `the lock says ${verdict.reason}, ${again.verdict.reason} to ${JSON.stringify(grant)}`;
  }
  for (const [i, request] of wanted.entries()) {
    const { startsAt, endsAt } = plan(door, request).grant;
    if (startsAt !== stays[i].grant.startsAt || endsAt !== stays[i].grant.endsAt)
      return `plan of ${JSON.stringify(request)} is another stay than ${JSON.stringify(stays[i].grant)}`;
  }
  for (const [i, seconds] of moments.entries()) {
    const expected = hotpOf(secret, Math.floor(seconds / 30));
    const codes = {
      otpauth: byOtpauth.generate({ timestamp: seconds * 1000 }),
      'otpauth, kept key': byOtpauthKept.generate({ timestamp: seconds * 1000 }),
      otplib: byOtplib(seconds),
      totp: totp(ready, seconds),
      'totp, raw key': totp(secret, seconds),
      'mint, totp': mint(totpToken, totpGrants[i]),
    };
    for (const [name, code] of Object.entries(codes))
      if (code !== expected) return `${name} gives ${code} at ${seconds}, node:crypto ${expected}`;
  }
  for (const [i, count] of counts.entries()) {
    const expected = hotpOf(secret, count);
    const codes = {
      'otpauth HOTP': hotpByOtpauth.generate({ counter: count }),
      'otplib HOTP': hotpByOtplib(count),
      hotp: hotp(ready, count),
      'hotp, raw key': hotp(secret, count),
      'mint, hotp': mint(hotpToken, hotpGrants[i]),
    };
    for (const [name, code] of Object.entries(codes))
      if (code !== expected) return `${name} gives ${code} for ${count}, node:crypto ${expected}`;
  }
  if (Buffer.compare(nobleKeys(root(0), deviceInfo(0)), key) !== 0)
    return 'the key set-up of the peer gives another key';
  return undefined;
}

/** The version of what an import of `name` gives, by the package.json `up` from it. */
const versionOf = (name, up) =>
  JSON.parse(readFileSync(new URL(up, import.meta.resolve(name)), 'utf8')).version;

function describe() {
  return {
    machine: `${cpus()[0]?.model.trim() ?? 'unknown'} × ${availableParallelism()}, ${process.platform} ${process.arch}`,
    node: process.version,
    versions: {
      pintumbler: versionOf('../dist/index.js', '../package.json'),
      '@noble/ciphers': versionOf('@noble/ciphers/ff1.js', 'package.json'),
      '@noble/hashes': versionOf('@noble/hashes/hkdf.js', 'package.json'),
      otpauth: versionOf('otpauth', '../package.json'),
      otplib: versionOf('otplib', '../package.json'),
      '@seamapi/fake-seam-connect': versionOf('@seamapi/fake-seam-connect', '../package.json'),
    },
    checked: CHECKED,
    rounds: ROUNDS,
  };
}

const different = difference();
if (different) {
  console.error(`bench: not timed, for the outputs differ: ${different}`);
  process.exit(1);
}

const rows = [...KEY_READY, ...KEY_NEW];
const operations = rows.filter(({ id }) => id);
const nameOf = new Map(operations.map(({ id, name }) => [id, name]));
const times = new Map(
  [KEY_READY, KEY_NEW].flatMap((suite) => [
    ...measure(
      suite.filter(({ id }) => id),
      { rounds: ROUNDS, us: BATCH_US },
    ),
  ]),
);
const ratios = RATIOS.map(({ of, to, least, most }) => {
  const found = ratio(times.get(of), times.get(to));
  const promised = least ?? most;
  const met = promised && (least ? found.median >= least : found.median <= most);
  return { of, to, ...found, least, most, met };
});

// Not before the rest is measured: what the fake brings along is no business of it.
const { seamBench } = await import('./seam.mjs');
const seam = await seamBench().catch((error) => {
  console.error(`bench: the facade: ${error.message}`);
  process.exit(1);
});

if (process.argv.includes('--json')) {
  const measured = operations.map(({ id, name }) => ({ id, name, ...summary(times.get(id)) }));
  console.log(JSON.stringify({ ...describe(), operations: measured, ratios, seam }, undefined, 2));
} else {
  const { machine, node, versions } = describe();
  const named = Object.entries(versions).map((each) => each.join(' '));
  console.log(`${machine}; node ${node}; ${named.join(', ')}`);
  console.log(`${CHECKED} codes equal to @noble/ciphers FF1, ${INPUTS} TOTP and HOTP codes to node:crypto`);
  console.log(`medians and min..max of ${ROUNDS} alternating rounds\n`);
  const range = ({ min, max }, places) => `${min.toFixed(places)}..${max.toFixed(places)}`;
  const lines = rows.map(({ id, name, group }) => {
    if (!id) return [group, '', '', ''];
    const { us, perSecond } = summary(times.get(id));
    return [`  ${name}`, us.median.toFixed(2), range(us, 2), perSecond.toLocaleString('en-US')];
  });
  for (const line of table([['', 'µs', 'min..max', 'ops/s'], ...lines])) console.log(line.trimEnd());
  const budgetOf = ({ least, most }) => (least ? `≥ ${least}` : most ? `≤ ${most}` : '');
  const verdictOf = ({ met }) => (met === undefined ? '' : met ? 'met' : 'NOT MET');
  const compared = ratios.map((each) => [
    `${nameOf.get(each.of)} / ${nameOf.get(each.to)}`,
    each.median.toFixed(2),
    range(each, 2),
    budgetOf(each),
    verdictOf(each),
  ]);
  console.log('');
  for (const line of table([['time of / time of', 'ratio', 'min..max', 'budget', ''], ...compared])) {
    console.log(line.trimEnd());
  }
  console.log('');
  const cells = (name, { us, perSecond }) => [
    `  ${name}`,
    us.median.toFixed(0),
    range(us, 0),
    perSecond.toLocaleString('en-US'),
  ];
  const facade = [
    ['An access code created', 'µs', 'min..max', 'ops/s'],
    ...seam.creates.map((each) => cells(each.name, each)),
    ['… on a device that has codes, handler alone', '', '', ''],
    ...seam.sizes.map((each) => cells(each.codes.toLocaleString('en-US'), each)),
  ];
  for (const line of table(facade)) console.log(line.trimEnd());
  console.log(`\nfake / ours, over HTTP: ${seam.ratio.median.toFixed(2)} (${range(seam.ratio, 2)})`);
  console.log(`time grows as the number of codes to the power of ${seam.exponent.toFixed(2)}`);
}
