import { COMPARED } from '../roster.js';
import { trialOf } from './index.js';
import type { Outcome } from './outcome.js';
import { runTrial } from './trial.js';

export type LibraryName = keyof typeof COMPARED;

/** One trial of one library. */
export async function tryLibrary({
  trial,
  library,
}: {
  readonly trial: string;
  readonly library: LibraryName;
}): Promise<() => Promise<Outcome>> {
  const loaded = await COMPARED[library].load();
  return () => runTrial(trialOf(trial), loaded);
}
