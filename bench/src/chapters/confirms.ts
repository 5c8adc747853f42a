import { Fleet, TTL } from '../fleet.js';
import { withHelpers } from '../helper.js';
import { show, showShare, sumOf } from '../spread.js';
import { section } from '../table.js';
import type { Chapter } from './index.js';

const SITUATIONS = [
  { situation: 'one caller', processes: 1, workers: 1, shared: null },
  { situation: '64 callers, a new resource each time', processes: 1, workers: 64, shared: null },
  { situation: '4 processes of 8 callers, 16 resources', processes: 4, workers: 8, shared: 16 },
  { situation: '4 processes of 8 callers, 1 resource', processes: 4, workers: 8, shared: 1 },
];

/** How often fencing costs a third round, for redlock-core. */
export const confirms: Chapter = async ({ plan: { confirmMs: ms }, progress }) => {
  progress('share of confirm rounds');
  await using fleet = await Fleet.start();
  const rows: string[][] = [];
  for (const { situation, processes, ...work } of SITUATIONS) {
    await fleet.meter.clear();
    const input = { servers: fleet.servers, ttl: TTL, ms, ...work };
    const inputs = Array.from({ length: processes }, () => input);
    const outputs = await withHelpers('confirms', inputs, (run) => run(ms + 30_000));
    const locks = sumOf(outputs.map((output) => output.locks));
    const confirmed = sumOf(outputs.map((output) => output.confirmed));
    rows.push([situation, show(locks, 0), show(confirmed, 0), showShare(confirmed / locks, 2)]);
  }
  return [
    section(
      'Confirm rounds',
      'How many locks of redlock-core needed a third round, because the fencing counters of their nodes did not agree at once (among them attempts that failed, for contended resources).',
      ['', 'locks', 'confirm rounds', 'share'],
      rows,
    ),
  ];
};
