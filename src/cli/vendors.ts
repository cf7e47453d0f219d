/** `pintumbler vendors`: the catalogue, each with its label. */
import { builtIn } from '../vendors/index.ts';
import { rulesOf, tablesOf } from '../vendors/vendor.ts';
import type { Flags, Io } from './io.ts';
import { SETTINGS } from './settings.ts';
import { wrapped } from './words.ts';

/** The names of a vendor's device settings. */
const settingsOf = (id: string): readonly string[] => Object.keys(JSON.parse(SETTINGS[id]?.example ?? '{}'));

export function listVendors(io: Io, flags: Flags): number {
  for (const vendor of builtIn) {
    const { id, name, codes, about, scheme, sample } = vendor;
    const rules = rulesOf(vendor, sample);
    const tables = tablesOf(rules);
    const kinds = [...new Set(tables.flatMap((table) => table.kinds.map((kind) => kind.id)))];
    const { layout, digits } = rules;
    const settings = settingsOf(id);
    if (flags['json'] === true) {
      const layouts = tables.map((table) => ({
        scheme: (table.scheme ?? scheme).id,
        layout: table.layout,
        digits: table.digits,
      }));
      const { counts, bias, tags } = rules;
      io.out(
        JSON.stringify({
          id,
          name,
          codes,
          about,
          scheme: scheme.id,
          layout,
          digits,
          kinds,
          ...(rules.also && { layouts }),
          by: counts ? 'count' : 'time',
          ...(bias !== undefined && bias !== 1 && { bias }),
          ...(tags !== undefined && { tags }),
          clock: rules.clock,
          rounding: rules.rounding ?? 'outward',
          settings,
          ...(sample !== undefined && { settings_required: true }),
        }),
      );
    } else {
      const lengths = [...new Set(tables.map((table) => table.digits))].sort((a, b) => a - b).join(', ');
      const given = `${settings.join(', ')}${sample === undefined ? '' : ' (REQUIRED: see "pintumbler help vendors")'}`;
      io.out(`${id.padEnd(18)} ${codes.padEnd(10)} ${lengths} digits`);
      for (const text of [about, `kinds: ${kinds.join(', ')}`, `settings: ${given || 'none'}`])
        for (const line of wrapped(text, 19)) io.out(line);
    }
  }
  return 0;
}
