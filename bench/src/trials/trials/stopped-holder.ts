import { setTimeout as sleep } from 'node:timers/promises';
import { answerOf, valueOf } from '../answer.js';
import { machineNow } from 'test-kit/machine-clock';
import { Party } from '../party.js';
import type { Stage } from '../stage.js';
import type { Trial } from '../trial.js';

const TTL = 1500;
const STOPPED = 3000;
const PATIENCE = 10_000;
const REPETITIONS = 3;

export const stoppedHolder: Trial = {
  key: 'stopped',
  name: 'the holder is stopped past its ttl, and goes on',
  procedure: `A process runs a routine under a lock with a ttl of ${TTL} ms that the library extends. SIGSTOP stops the process for ${STOPPED} ms, in which a second caller gets the lock. Watched: when the routine is told after SIGCONT, for ${PATIENCE / 1000} s at most. Until then it believes that it has the lock; no library can tell it sooner than it runs.`,
  nodes: 3,
  async run(stage) {
    const rival = await stage.locker(stage.servers);
    if (rival.using === null) return { verdict: 'no notice' };
    const ms: number[] = [];
    for (let index = 0; index < REPETITIONS; index++) {
      const resource = `stopped:${index}`;
      const told = await stopAndGoOn(stage, resource, () =>
        valueOf('get the lock', () => rival.acquire(resource, 60_000, 'forever')),
      );
      if (told === null) return { verdict: 'not told' };
      ms.push(told);
    }
    return { verdict: 'told', ms };
  },
};

/** How long after SIGCONT the holder is told, in ms; null if it is not. */
async function stopAndGoOn(
  { name, servers }: Stage,
  resource: string,
  takeOver: () => Promise<unknown>,
): Promise<number | null> {
  await using holder = await Party.enter({ library: name, nodes: servers });
  const granted = holder.did('granted');
  holder.cue({ do: 'hold', resource, ttl: TTL });
  await granted;
  holder.stop();
  await Promise.all([takeOver(), sleep(STOPPED)]);
  const told = answerOf(() => holder.did('told', PATIENCE), PATIENCE + 1000);
  const resumed = machineNow();
  holder.resume();
  const answer = await told;
  return answer.kind === 'value' ? answer.value - resumed : null;
}
