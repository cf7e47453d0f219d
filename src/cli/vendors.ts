/** `pintumbler vendors`: the catalogue, each with its label. */
import { builtIn } from '../vendors/index.ts';
import type { Flags, Io } from './io.ts';

export function listVendors(io: Io, flags: Flags): number {
  for (const { id, name, codes, about, rules, scheme } of builtIn) {
    const { layout, digits, kinds } = typeof rules === 'function' ? rules(undefined) : rules;
    const names = kinds.map((kind) => kind.id);
    if (flags['json'] === true)
      io.out(JSON.stringify({ id, name, codes, about, scheme: scheme.id, layout, digits, kinds: names }));
    else
      io.out(
        `${id.padEnd(12)} ${codes.padEnd(10)} ${digits} digits  ${names.join(', ')}\n${' '.repeat(13)}${about}`,
      );
  }
  return 0;
}
