export type { ExtensionOutcome, Hold, ReleaseOutcome } from './hold.js';
export { Rounds } from './rounds.js';
export type { Asked, Tell } from './tally.js';
