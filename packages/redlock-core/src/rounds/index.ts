export type { Asked, Tell } from './asked.js';
export type { ExtensionOutcome, Hold, ReleaseOutcome } from './hold.js';
export { Rounds } from './rounds.js';
