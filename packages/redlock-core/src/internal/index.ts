import type { RedlockOptions } from '../options.js';
import type { RedisNode } from '../redis-node.js';
import { Redlock } from '../redlock.js';
import type { Runtime } from '../time/runtime.js';

/** A Redlock with the clocks, timers and random numbers of a simulator or a test. */
export const RedlockWithRuntime: new (
  nodes: Iterable<RedisNode>,
  options: RedlockOptions | undefined,
  runtime: Runtime,
) => Redlock = Redlock;

export { proposals, type Runtime, type Timer } from '../time/runtime.js';
export type { ExtensionOutcome, Hold, ReleaseOutcome, Round, VoteListener } from './hold.js';
export { Rounds } from './rounds.js';
