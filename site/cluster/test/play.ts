import type { Preset } from '../src/presets/preset.js';
import { Run } from '../src/presets/run.js';

/** Far longer than any preset takes, in ms of its world. */
const LONGEST = 120_000;

/** Plays a preset to its end. */
export async function play(preset: Preset, seed: number): Promise<Run> {
  const run = new Run(preset, seed);
  await run.goToEnd(LONGEST);
  return run;
}

/** All that a run has told. */
export function logOf({ cluster }: Run): readonly string[] {
  return cluster.journal.entries.map(({ time, tone, text }) => `${time} ${tone} ${text}`);
}
