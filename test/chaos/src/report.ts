import { countLateWrites } from './checks/ledger-findings.js';
import { longestGap } from './checks/progress.js';
import type { History } from './history.js';
import type { Outcome, RunOptions } from './run.js';
import { CLIENTS, NODES } from './variant.js';

/** Lines shown of what happened before a finding and after it. */
const BEFORE = 40;
const AFTER = 10;
/** Findings that are told with what happened around them, and those that are named. */
const TOLD = 3;
const NAMED = 20;

/** The figures of a run. */
export function summary({ variant, work, seed, ms }: RunOptions, outcome: Outcome): string {
  const { history, spans, entries, lostUpdates, findings } = outcome;
  const { holds, visits, start } = history;
  const end = Math.max(start + ms, ...spans.slice(-1).map(({ to }) => to));
  const withMajority = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  const refused = visits.filter(({ admitted }) => !admitted).length;
  const rows: [string, string][] = [
    ['locks granted', String(holds.length)],
    ['locks lost', String(history.losses)],
    ...(work.subject === 'record' ? readingRows(history) : []),
    [work.subject === 'record' ? 'writes' : 'ledger entries', String(entries.length)],
    ['  lost', String(lostUpdates.length)],
    ['  late, before any successor', String(countLateWrites(visits))],
    ['late accesses fenced off', String(refused)],
    ['attempts given up', counts(history.setbacks)],
    ['faults', counts(history.faults)],
    ...(variant.forgets ? [['quarantines', String(history.quarantines)] as [string, string]] : []),
    ['time with a majority up', `${((withMajority / (end - start)) * 100).toFixed(0)} %`],
    ['longest time without a write then', `${(longestGap(spans, visits) / 1000).toFixed(1)} s`],
    ['time the machine stood still', `${(history.stalled / 1000).toFixed(1)} s`],
    ['findings', String(findings.length)],
  ];
  const head = `Chaos over ${((end - start) / 1000).toFixed(0)} s, ${variant.name}: ${NODES} nodes, ${CLIENTS} clients × ${work.tasks}, seed ${seed}`;
  return [head, ...rows.map(([label, value]) => `  ${label.padEnd(38)}${value}`)].join('\n');
}

function readingRows({ reads, tornReads }: History): [string, string][] {
  return [
    ['reads', String(reads)],
    ['  torn', String(tornReads.length)],
  ];
}

/** What went wrong, and what happened around it. */
export function account({ history, findings }: Outcome): string {
  const told = findings
    .slice(0, TOLD)
    .flatMap(({ text, at }) => [
      `FINDING: ${text}`,
      ...(at === null ? [] : history.around(at, BEFORE, AFTER)),
      '',
    ]);
  const named = findings.slice(TOLD, NAMED).map(({ text }) => `FINDING: ${text}`);
  const more = findings.length > NAMED ? [`and ${findings.length - NAMED} more`] : [];
  return [...told, ...named, ...more].join('\n');
}

function counts(map: ReadonlyMap<string, number>): string {
  const sorted = [...map].toSorted(([, a], [, b]) => b - a);
  const parts = sorted.map(([name, times]) => `${times} ${name}`);
  return parts.join(', ') || 'none';
}
