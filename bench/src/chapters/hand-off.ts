import { Deployment } from '../deployment.js';
import { measureHandOff } from '../hand-off.js';
import { QUEUES } from '../plan.js';
import { LIBRARY_NAMES } from '../roster.js';
import { section } from '../section.js';
import { show } from '../spread.js';
import type { Chapter } from './chapter.js';

export const handOff: Chapter = {
  name: 'hand-off',
  write: async ({ plan: { handOff: plan }, progress, wanted }) => {
    await using deployment = await Deployment.start();
    const sections: string[] = [];
    for (const waiters of QUEUES) {
      const rows = await measureHandOff(
        deployment,
        wanted(LIBRARY_NAMES),
        { ...plan, waiters },
        (name) => progress(`hand-off over ${waiters.length}: ${name}`),
      );
      const all = waiters.reduce<number>((sum, count) => sum + count, 0);
      const table = section(
        `Hand-off, ${all} waiters in ${waiters.length === 1 ? 'one process' : `${waiters.length} processes`}`,
        `All want one resource at once and hold it for ${plan.holdMs} ms; each library polls as it does by default, without giving up; ended after ${plan.limitMs / 1000} s. 1.0 would be a lock that passes on at once. Commands are counted on the servers: where a library sends by itself what its scripts call too, both are counted.`,
        ['', 'got the lock', 'time, s', 'time / time held', 'commands an acquisition'],
        rows.map((row) => [
          row.name,
          row.acquired === all ? 'all' : `${row.acquired} of ${all}`,
          show(row.seconds, 2),
          show(row.overhead, 1),
          show(row.commands, 1),
        ]),
      );
      sections.push(table);
    }
    return { markdown: sections.join('\n\n') };
  },
};
