import { runContest, type Party } from './contest/contest.js';
import type { Deployment } from './deployment.js';
import type { Progress } from './progress.js';
import { GIVING_UP, OURS } from './roster.js';
import { OWN_PREFIX } from './subjects/redis-semaphore.js';

/** The share of one library in a lock that others want too. */
interface MixtureShare {
  readonly name: string;
  readonly locks: number;
  readonly longestWaitMs: number;
}

export interface Mixture {
  readonly restMs: number;
  readonly longestGapMs: number;
  readonly shares: readonly MixtureShare[];
}

const LIBRARIES = [OURS[0], GIVING_UP, 'redis-semaphore'];
/** With four of each, what split votes of redlock 5 leave behind stops everybody for seconds. */
const PROCESSES = 2;
const HOLD = 5;
/** redlock 5 leaves the nodes of a split vote taken for this long, unless it gives up before. */
export const MIXTURE_TTL = 1000;
/** With the longer rest, the lock is free for most of the time. */
const RESTS = [100, 0];

/** Processes of three libraries that want the same key: redlock-core's prefix is empty, redlock 5 has none. */
export async function measureMixture(
  { meter, addresses: servers }: Deployment,
  ms: number,
  progress: Progress,
): Promise<Mixture[]> {
  const results: Mixture[] = [];
  for (const restMs of RESTS) {
    progress(`rest ${restMs} ms`);
    await meter.clear();
    const parties = LIBRARIES.map((subject): Party => ({
      subject,
      processes: PROCESSES,
      workers: 1,
      holdMs: HOLD,
      restMs,
    }));
    const log = await runContest({
      servers,
      resource: `${OWN_PREFIX}mixture`,
      ttl: MIXTURE_TTL,
      parties,
      ms,
    });
    const shares = LIBRARIES.map((name, index) => {
      const isIts = (process: number): boolean => Math.floor(process / PROCESSES) === index;
      const locks = log.holds.filter(({ process }) => isIts(process)).length;
      return { name, locks, longestWaitMs: log.longestWait(isIts) };
    });
    results.push({ restMs, longestGapMs: log.longestGap, shares });
  }
  return results;
}
