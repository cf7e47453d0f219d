/** keys.json: master → root → device key → sealed key. */
import { concatBytes } from '@noble/hashes/utils.js';
import { Stream } from '../../src/cli/vector-stream.ts';
import { createToken, deriveToken } from '../../src/index.ts';
import { lp, u32 } from '../../src/keys.ts';
import { sealedKey } from '../../src/schemes/sealed.ts';
import { deviceKey, secretBytes } from '../../src/token.ts';
import { pintumbler } from '../../src/vendors/index.ts';
import { agree, errorOf, type Group, hex, type Notes, type Test, vectorFile } from './format.ts';

const NOTES: Notes = {
  Normal: { bugType: 'BASIC', description: 'Ordinary inputs.' },
  EdgeInput: {
    bugType: 'EDGE_CASE',
    description:
      'The shortest or longest master key or device id, keys of one repeated byte, extreme epochs.',
  },
  EpochBytes: {
    bugType: 'EDGE_CASE',
    description: 'Epochs whose four bytes differ in order or sign: big-endian and unsigned.',
  },
  Injective: {
    bugType: 'MISSING_STEP',
    description: 'Inputs that would give the same key if their lengths were not written before them.',
  },
  ShortKey: {
    bugType: 'AUTH_BYPASS',
    description: 'A master key under 32 bytes, or a root that is not 32 bytes, must be refused.',
  },
  BadDeviceId: {
    bugType: 'FUNCTIONALITY',
    description: 'A device id outside [A-Za-z0-9._:-]{1,64} must be refused.',
  },
  BadEpoch: {
    bugType: 'FUNCTIONALITY',
    description:
      'Epochs go from 0 to 2^32 − 2: a lock lives with an epoch and the next, and both fit 32 bits.',
  },
};

const stream = new Stream('pintumbler vectors/keys');

function rootTests(): readonly Test[] {
  const valid = (master: Uint8Array, deviceId: string, flag: string, comment: string) => ({
    comment,
    flags: [flag],
    master: hex(master),
    deviceId,
    info: hex(lp(deviceId)),
    root: hex(secretBytes(createToken({ vendor: pintumbler, deviceId, master, timeZone: 'UTC' }))),
    result: 'valid' as const,
  });
  const invalid = (
    master: Uint8Array,
    deviceId: string,
    error: string,
    flag: string,
    comment: string,
  ): Test => {
    const run = () => createToken({ vendor: pintumbler, deviceId, master, timeZone: 'UTC' });
    agree(comment, error, errorOf(run).code);
    return { comment, flags: [flag], master: hex(master), deviceId, error, result: 'invalid' as const };
  };
  const long = 'Aa0._:-z'.repeat(8);
  const master = stream.bytes(32);
  return [
    valid(master, 'door-7', 'Normal', 'a master key of 32 bytes'),
    valid(master, 'door-8', 'Normal', 'the same master key, the next door'),
    valid(stream.bytes(48), 'site.3:gate_A', 'Normal', 'a master key of 48 bytes'),
    valid(new Uint8Array(32), 'a', 'EdgeInput', 'zeros, and the shortest device id'),
    valid(new Uint8Array(32).fill(255), 'Z', 'EdgeInput', 'all ones'),
    valid(stream.bytes(64), 'door-7', 'EdgeInput', 'one block of SHA-256'),
    valid(stream.bytes(65), 'door-7', 'EdgeInput', 'one byte more than a block of SHA-256'),
    valid(stream.bytes(32), long, 'EdgeInput', 'the longest device id: 64 symbols, every kind of symbol'),
    invalid(stream.bytes(31), 'door-7', 'key_length', 'ShortKey', 'a master key of 31 bytes'),
    invalid(new Uint8Array(0), 'door-7', 'key_length', 'ShortKey', 'an empty master key'),
    invalid(master, '', 'bad_argument', 'BadDeviceId', 'an empty device id'),
    invalid(master, `${long}x`, 'bad_argument', 'BadDeviceId', 'a device id of 65 symbols'),
    invalid(master, 'door 7', 'bad_argument', 'BadDeviceId', 'a space'),
    invalid(master, 'door/7', 'bad_argument', 'BadDeviceId', 'a slash'),
    invalid(master, 'porta-três', 'bad_argument', 'BadDeviceId', 'a letter outside ASCII'),
  ];
}

function deviceKeyTests(): readonly Test[] {
  const make = (root: Uint8Array, deviceId: string, epoch: number) =>
    createToken({ vendor: pintumbler, deviceId, root, epoch, timeZone: 'UTC' });
  const valid = (root: Uint8Array, deviceId: string, epoch: number, flag: string, comment: string) => ({
    comment,
    flags: [flag],
    root: hex(root),
    deviceId,
    epoch,
    info: hex(concatBytes(lp(deviceId), u32(epoch))),
    deviceKey: hex(secretBytes(deriveToken(make(root, deviceId, epoch)))),
    result: 'valid' as const,
  });
  const invalid = (
    root: Uint8Array,
    deviceId: string,
    epoch: number,
    error: string,
    flag: string,
    comment: string,
  ): Test => {
    agree(comment, error, errorOf(() => make(root, deviceId, epoch)).code);
    return {
      comment,
      flags: [flag],
      root: hex(root),
      deviceId,
      epoch,
      error,
      result: 'invalid' as const,
    };
  };
  const root = stream.bytes(32);
  const epochs = [0, 1, 2, 255, 256, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2];
  return [
    ...epochs.map((epoch) =>
      valid(root, 'door-7', epoch, epoch < 3 ? 'Normal' : 'EpochBytes', `epoch ${epoch}`),
    ),
    valid(root, 'door-8', 1, 'Normal', 'the same root, another device id'),
    valid(stream.bytes(32), 'site.3:gate_A', 20, 'Normal', 'another root'),
    valid(new Uint8Array(32), 'a', 0, 'EdgeInput', 'a root of zeros'),
    valid(
      new Uint8Array(32).fill(255),
      'Aa0._:-z'.repeat(8),
      2 ** 32 - 2,
      'EdgeInput',
      'everything at its most',
    ),
    invalid(stream.bytes(31), 'door-7', 0, 'key_length', 'ShortKey', 'a root of 31 bytes'),
    invalid(stream.bytes(33), 'door-7', 0, 'key_length', 'ShortKey', 'a root of 33 bytes'),
    invalid(root, 'door-7', 2 ** 32 - 1, 'out_of_range', 'BadEpoch', 'epoch 2^32 − 1'),
    invalid(root, 'door-7', 2 ** 32, 'out_of_range', 'BadEpoch', 'epoch 2^32'),
    invalid(root, 'door-7', -1, 'out_of_range', 'BadEpoch', 'epoch −1'),
  ];
}

function sealedKeyTests(): readonly Test[] {
  const key = stream.bytes(32);
  const valid = (
    from: Uint8Array,
    layoutId: string,
    lane: string,
    digits: number,
    flag: string,
    comment: string,
  ) => {
    const layout = { id: layoutId, digits };
    return {
      comment,
      flags: [flag],
      deviceKey: hex(from),
      layoutId,
      lane,
      digits,
      info: hex(concatBytes(lp(layoutId), lp(lane), Uint8Array.of(digits))),
      sealedKey: hex(sealedKey(from, layout, lane)),
      result: 'valid' as const,
    };
  };
  const token = createToken({ vendor: pintumbler, deviceId: 'door-7', root: key, epoch: 5, timeZone: 'UTC' });
  return [
    valid(key, 'pintumbler-9/1', '', 9, 'Normal', 'layout pintumbler-9/1'),
    valid(key, 'pintumbler-10/1', '', 10, 'Normal', 'layout pintumbler-10/1'),
    valid(key, 'igloohome/1', '', 9, 'Normal', 'layout igloohome/1'),
    valid(deviceKey(token), 'pintumbler-9/1', '', 9, 'Normal', 'a device key that is itself derived'),
    valid(key, 'lanes/1', '1', 6, 'Normal', 'lane 1 of a layout with lanes'),
    valid(key, 'lanes/1', '2', 6, 'Normal', 'lane 2 of the same'),
    valid(key, 'lanes/1', '01', 6, 'Normal', 'a lane of two digits'),
    valid(key, 'lanes/1', '', 12, 'EdgeInput', 'the most digits that sealed/1 takes'),
    valid(key, 'lanes/11', '', 6, 'Injective', 'layout id lanes/11 without a lane'),
    valid(key, 'lanes/1', '1', 9, 'Injective', 'layout id lanes/1 and lane 1, nine digits'),
    valid(new Uint8Array(32), 'pintumbler-9/1', '', 9, 'EdgeInput', 'a device key of zeros'),
    valid(key, 'näher/1', '', 9, 'EdgeInput', 'a layout id outside ASCII: lengths count bytes of UTF-8'),
  ];
}

export function keysFile(): object {
  const groups: readonly (Group & { readonly salt: string })[] = [
    { type: 'RootTest', salt: 'pintumbler device/1', tests: rootTests() },
    { type: 'DeviceKeyTest', salt: 'pintumbler epoch/1', tests: deviceKeyTests() },
    { type: 'SealedKeyTest', salt: 'pintumbler sealed/1', tests: sealedKeyTests() },
  ];
  return vectorFile({
    algorithm: 'HKDF-SHA-256',
    schema: 'keys',
    header: [
      'The key hierarchy of pintumbler: master key, root, device key of an epoch, sealed/1 key of a layout and lane.',
      'Each key is HKDF-SHA-256 (RFC 5869) of the one before it, with the salt of its group and the info of its test.',
      'Invalid: inputs that must be refused; error is the code that pintumbler gives.',
    ],
    notes: NOTES,
    groups,
  });
}
