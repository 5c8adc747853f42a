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
      `Four processes of each want the same key of the same five nodes, hold it for 5 ms and rest before they want it again, for ${ms / 1000} s; ttl ${MIXTURE_TTL} ms. redlock 5 and redis-semaphore poll as they do by default (every 200 ms with a jitter of 100, and every 10 ms), without giving up. After a split vote, redlock 5 leaves the nodes that it has got taken for their ttl, also for itself, so that nobody may get a quorum until then: the longest time without a holder. Without a rest, the processes of redlock-core alone keep the lock busy, and who polls gets it by chance. No two held it at once, else the run would have ended; a wait that had not ended counts for as long as it had taken.`,
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
