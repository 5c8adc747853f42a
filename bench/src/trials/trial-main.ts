import type { LibraryName } from './packages.js';
import { load } from './roster.js';
import { runTrial } from './trial.js';
import { trialOf } from './trials/index.js';

const [key, name] = process.argv.slice(2) as [string, LibraryName];
// A run that is over has no use for this process.
process.once('disconnect', () => process.exit(1));
const outcome = await runTrial(trialOf(key), name, await load(name));
// A library that hangs would keep the process.
process.send?.(outcome, () => process.exit(0));
