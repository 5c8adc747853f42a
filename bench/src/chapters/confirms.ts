import { measureConfirmShare } from '../confirm-share.js';
import { Deployment } from '../deployment.js';
import { section } from '../section.js';
import { show } from '../spread.js';
import type { Chapter } from './chapter.js';

export const confirms: Chapter = {
  name: 'confirms',
  write: async ({ plan, progress }) => {
    progress('share of confirm rounds');
    await using deployment = await Deployment.start();
    const rows = await measureConfirmShare(deployment, plan.confirmMs);
    const markdown = section(
      'Confirm rounds',
      'How many locks of redlock-core needed a third round, because the fencing counters of their nodes did not agree at once (among them attempts that failed, for contended resources).',
      ['', 'locks', 'confirm rounds', 'share'],
      rows.map(({ situation, locks, confirmed }) => [
        situation,
        show(locks, 0),
        show(confirmed, 0),
        `${show((confirmed / locks) * 100, 2)} %`,
      ]),
    );
    return { markdown };
  },
};
