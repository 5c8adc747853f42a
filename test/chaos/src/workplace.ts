import type { Lock, LockMode, Redlock } from 'redlock-core';
import type { Random } from 'test-kit/random';
import type { Holds } from './holds.js';
import type { Parent } from './parent.js';
import { TTL } from './variant.js';

/** What a task of a client has to work with. */
export interface Workplace {
  readonly redlock: Redlock;
  readonly holds: Holds;
  readonly parent: Parent;
  readonly random: Random;
  /** How many of the process work at once. */
  readonly tasks: number;
  /** Ends the waiting for a lock. */
  readonly stop: AbortSignal;
}

/** What is done under a lock, whose number is `hold`, and which is wanted for so many ms. */
type Routine = (lock: Lock, hold: number, ms: number) => Promise<void>;

/** In ms, at most. */
const WORK = 20;
/** Of the locks of a process, divided by its tasks: one long reader keeps all writers waiting. */
const LONG = 0.05;

/** Takes a lock that is extended half of the time. */
export async function underLock(
  { redlock, holds, random, tasks, stop: signal }: Workplace,
  resource: string,
  mode: LockMode,
  routine: Routine,
): Promise<void> {
  const autoExtend = random.chance(0.5);
  const lock = await redlock.acquire(resource, TTL, { autoExtend, mode, signal });
  const hold = holds.begin(lock);
  try {
    const isLong = random.chance(LONG / tasks);
    await routine(lock, hold, isLong ? longTime(random, autoExtend) : random.between(0, WORK));
  } finally {
    await holds.end(lock);
    await lock.release();
  }
}

/** Most of the ttl; with automatic extension also longer than it. */
function longTime(random: Random, autoExtend: boolean): number {
  return TTL * (autoExtend ? random.between(0.5, 1.5) : random.between(0.3, 0.8));
}
