import { libraryOf } from '../libraries/roster.js';
import { trialOf } from './roster.js';
import { runTrial } from './trial.js';
import type { Outcome } from './verdicts.js';

interface Input {
  readonly trial: string;
  readonly library: string;
}

/** One trial of one library. */
export function tryLibrary({ trial, library }: Input): Promise<() => Promise<Outcome>> {
  return Promise.resolve(() => runTrial(trialOf(trial), libraryOf(library)));
}
