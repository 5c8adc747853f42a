import { Deployment } from '../deployment.js';
import { measureMixture, MIXTURE_TTL } from '../mixture.js';
import { section } from '../section.js';
import { show } from '../spread.js';
import type { Chapter } from './chapter.js';

export const mixture: Chapter = {
  name: 'mixture',
  write: async ({ plan: { contentionMs }, progress }) => {
    await using deployment = await Deployment.start();
    const ms = contentionMs * 2;
    const results = await measureMixture(deployment, ms, (what) => progress(`mixture: ${what}`));
    const markdown = section(
      'Three libraries, one lock',
      `Two processes of each want the same key of the same five nodes, hold it for 5 ms and rest before they want it again, for ${ms / 1000} s; ttl ${MIXTURE_TTL} ms. redlock 5 and redis-semaphore poll as they do by default (every 200 ms with a jitter of 100, and every 10 ms); redlock 5 gives up after 10 retries as it does by default, and is asked again. Until it gives up, it leaves the nodes that it got in a split vote taken for their ttl, also for itself, so that nobody may get a quorum. Without a rest, the processes of redlock-core alone can keep the lock busy, and a process that polls gets it by chance. No two held it at once, else the run would have ended; a wait that had not ended counts for as long as it had taken.`,
      ['', 'locks', 'longest wait, ms', 'longest without holder, ms'],
      results.flatMap(({ restMs, longestGapMs, shares }) =>
        shares.map(({ name, locks, longestWaitMs }) => [
          `${name}, rest ${restMs} ms`,
          show(locks, 0),
          show(longestWaitMs, 0),
          show(longestGapMs, 0),
        ]),
      ),
    );
    return { markdown };
  },
};
