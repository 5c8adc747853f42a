import type { Scoreboard } from './scoreboard.js';
import type { Tally } from './tally.js';

type Row = readonly [label: string, withoutLock: string, withLock: string];

/** The figures of both phases, side by side. */
export function figures({ withoutLock, withLock }: Scoreboard): string {
  const rows: Row[] = [
    ['', 'without a lock', 'with the lock'],
    both('updates expected', (tally) => tally.updates),
    both('updates made', (tally) => tally.counter ?? 0),
    both('updates lost', (tally) => tally.lost),
    both('overlaps seen', (tally) => tally.overlaps),
    ['lock acquisitions', '-', String(withLock.entries)],
    ['wait p50', '-', `${withLock.waitPercentile(0.5).toFixed(1)} ms`],
    ['wait p99', '-', `${withLock.waitPercentile(0.99).toFixed(1)} ms`],
    ['waits given up and tried again', '-', String(withLock.setbacks)],
    ['nodes killed', '-', String(withLock.kills)],
    ['nodes brought back', '-', String(withLock.returns)],
    both('time', (tally) => `${(tally.time / 1000).toFixed(1)} s`),
  ];
  const table = rows.map(
    ([label, left, right]) => `${label.padEnd(32)}${left.padStart(15)}${right.padStart(15)}`,
  );
  const examples = [withoutLock, withLock].flatMap(({ firstOverlap }) =>
    firstOverlap === null ? [] : [`first overlap: ${firstOverlap}`],
  );
  return [...table, ...examples].join('\n');

  function both(label: string, read: (tally: Tally) => number | string): Row {
    return [label, String(read(withoutLock)), String(read(withLock))];
  }
}

export interface Verdict {
  readonly passed: boolean;
  readonly sentence: string;
}

/** Whether the lock has done its work. */
export function verdict({ withoutLock, withLock }: Scoreboard): Verdict {
  const { updates, lost, overlaps, kills } = withLock;
  if (updates === 0) return failed('no worker got the lock');
  // A counter beyond what the workers know of would be wrong, too.
  if (lost !== 0 || overlaps > 0) {
    return failed(`${lost} of ${updates} updates were lost and ${overlaps} overlaps were seen`);
  }
  const before =
    withoutLock.lost > 0
      ? `Without a lock ${withoutLock.lost} of ${withoutLock.updates} updates were lost`
      : `Without a lock no update was lost, by sheer luck`;
  const although = kills > 0 ? `, although nodes were killed ${kills} times on the way` : '';
  return {
    passed: true,
    sentence: `${before}; with the lock none of ${updates}${although}.`,
  };
}

function failed(why: string): Verdict {
  return { passed: false, sentence: `THE LOCK FAILED: with it, ${why}.` };
}
