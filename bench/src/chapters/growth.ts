import { Deployment } from '../deployment.js';
import { measureGrowth } from '../growth.js';
import { section } from '../section.js';
import { show } from '../spread.js';
import type { Chapter } from './chapter.js';

export const growth: Chapter = {
  name: 'growth',
  write: async ({ plan: { cycles }, progress }) => {
    progress(`memory over ${cycles} locks`);
    await using deployment = await Deployment.start();
    const { name, growthBytes } = await measureGrowth(deployment, cycles);
    const markdown = section(
      `${show(cycles, 0)} locks that came and went`,
      'Taken and released by 64 workers of one process, after a tenth as many to warm up. Heap after garbage collection, before and after.',
      ['', 'heap growth, KiB'],
      [[name, show(growthBytes / 1024, 0)]],
    );
    return { markdown };
  },
};
