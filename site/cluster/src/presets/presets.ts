import { FORGETFUL_NODE, WITHOUT_QUARANTINE } from './forgetful-node.js';
import { KLEPPMANN_PAUSE } from './kleppmann-pause.js';
import type { Preset } from './preset.js';
import { SPLIT_VOTE } from './split-vote.js';
import { TAKING_TURNS } from './taking-turns.js';
import { TWO_DOWN } from './two-down.js';

/** In the order in which they are offered; the first one is shown at first. */
export const PRESETS: readonly [Preset, ...Preset[]] = [
  TAKING_TURNS,
  KLEPPMANN_PAUSE,
  FORGETFUL_NODE,
  WITHOUT_QUARANTINE,
  TWO_DOWN,
  SPLIT_VOTE,
];
