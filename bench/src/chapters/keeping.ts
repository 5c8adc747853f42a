import { Deployment } from '../deployment.js';
import { measureKeeping } from '../keeping.js';
import { ratioHeader } from '../noise.js';
import { section } from '../section.js';
import { show, showSpread } from '../spread.js';
import type { Chapter } from './chapter.js';

export const keeping: Chapter = {
  name: 'keeping',
  write: async ({ plan: { keeping: plan }, progress }) => {
    await using deployment = await Deployment.start();
    const rows = await measureKeeping(deployment, plan, (what) => progress(`keep locks, ${what}`));
    const markdown = section(
      `${show(plan.locks, 0)} locks kept`,
      `Held by one process with a ttl of 10 s and extended automatically, beside one timer for each lock and one command for each lock and node. Medians of ${plan.rounds} rounds of ${plan.ms / 1000} s (min–max over the rounds), in turn, the order reversed each round; extensions and lost locks of all rounds. Ratios are those of the client's CPU.`,
      [
        '',
        'extensions',
        'lost',
        'client CPU µs an extension',
        ratioHeader(rows),
        'commands an extension and node',
      ],
      rows.map((row) => [
        row.name,
        show(row.extensions, 0),
        show(row.lost, 0),
        showSpread(row.clientMicros, 1),
        showSpread(row.ratio, 2),
        show(row.commands.median, 4),
      ]),
    );
    return { markdown };
  },
};
