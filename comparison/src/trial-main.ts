import { entryOf } from './roster.js';
import { runTrial } from './trial.js';
import { trialOf } from './trials/index.js';

const [key = '', library = ''] = process.argv.slice(2);
// A run that is over has no use for this process.
process.once('disconnect', () => process.exit(1));
const outcome = await runTrial(trialOf(key), library, await entryOf(library).load());
// A library that hangs would keep the process.
process.send?.(outcome, () => process.exit(0));
