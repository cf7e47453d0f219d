/** Properties run from a fixed seed, so that two runs do the same; `PINTUMBLER_SEED` explores others. */
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['PINTUMBLER_SEED'] ?? 20200101) });
