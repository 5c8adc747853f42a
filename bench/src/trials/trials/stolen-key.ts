import { setTimeout as sleep } from 'node:timers/promises';
import { aborted } from '../aborted.js';
import type { Locker } from '../library.js';
import { machineNow } from 'test-kit/machine-clock';
import type { Stage } from '../stage.js';
import type { Trial } from '../trial.js';

const TTL = 3000;
const REPETITIONS = 3;
const PATIENCE = 3 * TTL;

export const stolenKey: Trial = {
  key: 'stolen',
  name: 'the lock is taken away while it is extended',
  procedure: `A routine runs under a lock with a ttl of ${TTL} ms that the library extends. Right after the grant, all nodes give the key to somebody else. Watched: when the routine is told, from that moment, for ${PATIENCE} ms at most. When a library extends is its own choice: redlock-core after a third of the ttl, redis-semaphore and redlock-universal after four fifths, redlock 5 half a second before the end.`,
  nodes: 3,
  async run(stage) {
    const locker = await stage.locker();
    const { using } = locker;
    if (using === null) return { verdict: 'no notice' };
    const times = await Promise.all(
      Array.from({ length: REPETITIONS }, (_, index) => theft(stage, using, `stolen:${index}`)),
    );
    const ms = times.filter((time) => time !== null);
    return ms.length < REPETITIONS ? { verdict: 'not told' } : { verdict: 'told', ms };
  },
};

/** How long after the theft the routine is told, in ms; null if it is not. */
async function theft(
  stage: Stage,
  using: NonNullable<Locker['using']>,
  resource: string,
): Promise<number | null> {
  let told: number | null = null;
  const routine = async (signal: AbortSignal): Promise<void> => {
    await stage.takeAway(resource);
    const stolen = machineNow();
    const ended = new AbortController();
    const late = sleep(PATIENCE, undefined, { signal: ended.signal }).catch(() => {});
    await Promise.race([aborted(signal).then(() => (told = machineNow() - stolen)), late]);
    ended.abort();
  };
  await using(resource, TTL, routine).catch(() => {});
  return told;
}
