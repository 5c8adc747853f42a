import { Fleet, TTL } from '../fleet.js';
import { runJob } from '../helper.js';
import { HOLDERS_NAMES, OURS } from '../roster.js';
import { show } from '../spread.js';
import { section } from '../table.js';
import type { Chapter } from './index.js';

const HOLDERS = 512;
/** Longer than it takes, in ms. */
const HELD_TTL = 60_000;

/** Many locks held by one process. */
export const held: Chapter = async ({ plan: { heldLocks: locks }, progress, wanted }) => {
  await using fleet = await Fleet.start();
  const rows: string[][] = [];
  for (const subject of wanted(HOLDERS_NAMES)) {
    progress(`held: ${subject}`);
    await fleet.meter.clear();
    const input = { subject, servers: fleet.servers, ttl: HELD_TTL, locks, workers: HOLDERS };
    const { takenMs, heapPerLock } = await runJob('hold', input, HELD_TTL);
    rows.push([subject, show(takenMs, 0), show(heapPerLock, 0)]);
  }
  return [
    section(
      `${show(locks, 0)} held locks`,
      `Taken by ${HOLDERS} workers of one process, and kept. Heap after garbage collection, for one lock.`,
      ['', 'time to take them, ms', 'heap bytes a lock'],
      rows,
    ),
  ];
};

const WORKERS = 64;
/** Longer than it takes, in ms. */
const GROWTH_LIMIT = 600_000;

/** What stays in memory of many locks that came and went. */
export const growth: Chapter = async ({ plan: { cycles }, progress }) => {
  progress(`memory over ${cycles} locks`);
  await using fleet = await Fleet.start();
  const [subject] = OURS;
  const input = { subject, servers: fleet.servers, ttl: TTL, cycles, workers: WORKERS };
  const { growthBytes } = await runJob('cycle', input, GROWTH_LIMIT);
  return [
    section(
      `${show(cycles, 0)} locks that came and went`,
      `Taken and released by ${WORKERS} workers of one process, after a tenth as many to warm up. Heap after garbage collection, before and after.`,
      ['', 'heap growth, KiB'],
      [[subject, show(growthBytes / 1024, 0)]],
    ),
  ];
};
