import { Fleet, TTL } from '../fleet.js';
import { withHelpers } from '../helper.js';
import type { Plan } from '../plan.js';
import { LIBRARY_NAMES } from '../roster.js';
import { show, sumOf } from '../spread.js';
import { section } from '../table.js';
import type { Chapter } from './index.js';

/** How many waiters for one lock each process has. */
const QUEUES = [[50], [13, 13, 12, 12]] as const;

/** Waiters for one resource in one process or several. */
export const handOff: Chapter = async ({ plan: { handOff: plan }, progress, wanted }) => {
  await using fleet = await Fleet.start();
  const sections: string[] = [];
  for (const waiters of QUEUES) {
    const rows: string[][] = [];
    for (const subject of wanted(LIBRARY_NAMES)) {
      progress(`hand-off over ${waiters.length}: ${subject}`);
      rows.push([subject, ...(await passAround(fleet, subject, waiters, plan))]);
    }
    const places = waiters.length === 1 ? 'one process' : `${waiters.length} processes`;
    sections.push(
      section(
        `Hand-off, ${sumOf(waiters)} waiters in ${places}`,
        `All want one resource at once and hold it for ${plan.holdMs} ms; each library polls as it does by default, without giving up; ended after ${plan.limitMs / 1000} s. 1.0 would be a lock that passes on at once. Commands are counted on the servers: where a library sends by itself what its scripts call too, both are counted.`,
        ['', 'got the lock', 'time, s', 'time / time held', 'commands an acquisition'],
        rows,
      ),
    );
  }
  return sections;
};

/** @returns the cells of a row */
async function passAround(
  fleet: Fleet,
  subject: string,
  waiters: readonly number[],
  { holdMs, limitMs }: Plan['handOff'],
): Promise<string[]> {
  const { meter, servers } = fleet;
  const onlyInScripts = await fleet.onlyInScripts(subject);
  await meter.clear();
  const work = { subject, servers, resource: 'hand-off', ttl: TTL, holdMs, limitMs };
  const inputs = waiters.map((count) => ({ ...work, waiters: count }));
  return withHelpers('waitInTurn', inputs, async (run) => {
    const end = await meter.begin();
    const start = performance.now();
    const outputs = await run(limitMs * 1.2, 0);
    const ms = performance.now() - start;
    const usage = await end();
    const acquired = sumOf(outputs.map((output) => output.acquired));
    const heldMs = sumOf(outputs.map((output) => output.heldMs));
    const all = sumOf(waiters);
    return [
      acquired === all ? 'all' : `${acquired} of ${all}`,
      show(ms / 1000, 2),
      show(ms / heldMs, 1),
      show(usage.commands(onlyInScripts) / acquired, 1),
    ];
  });
}
