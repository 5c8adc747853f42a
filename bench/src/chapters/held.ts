import { Deployment } from '../deployment.js';
import { measureHeld } from '../held.js';
import { HOLDERS_NAMES } from '../roster.js';
import { section } from '../section.js';
import { show } from '../spread.js';
import type { Chapter } from './chapter.js';

export const held: Chapter = {
  name: 'held',
  write: async ({ plan: { heldLocks }, progress, wanted }) => {
    await using deployment = await Deployment.start();
    const rows = await measureHeld(deployment, wanted(HOLDERS_NAMES), heldLocks, (name) =>
      progress(`held: ${name}`),
    );
    const markdown = section(
      `${show(heldLocks, 0)} held locks`,
      'Taken by 512 workers of one process, and kept. Heap after garbage collection, for one lock.',
      ['', 'time to take them, ms', 'heap bytes a lock'],
      rows.map(({ name, takenMs, heapPerLock }) => [name, show(takenMs, 0), show(heapPerLock, 0)]),
    );
    return { markdown };
  },
};
