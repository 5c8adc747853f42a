import { type Preset, PRESETS } from '../../.vitepress/theme/live/presets.js';
import { Cluster } from '../../.vitepress/theme/live/world/cluster.js';

/** Far longer than any preset takes, in ms of its world. */
const LONGEST = 120_000;

export function presetOf(title: string): Preset {
  const preset = PRESETS.find((each) => each.title.startsWith(title));
  if (!preset) throw new RangeError(`No preset is called ${title}`);
  return preset;
}

/** Plays a preset to its end. */
export async function play(preset: Preset, seed: number): Promise<Cluster> {
  const cluster = new Cluster(preset, seed);
  await cluster.runToEnd(LONGEST);
  return cluster;
}

/** All that a run has logged. */
export function logOf({ journal }: Cluster): readonly string[] {
  return journal.entries.map(({ time, tone, text }) => `${time} ${tone} ${text}`);
}
