import type { Arrivals } from '../arrivals.js';
import { section } from '../section.js';
import { quantile, show } from '../spread.js';

export function arrivalSection(rows: readonly Arrivals[], ms: number): string {
  return section(
    'Shared locks: who gets in, and when',
    `Processes × workers that want one resource again and again, for ${(ms * 2) / 1000} s, five nodes; a newcomer wants it for 1 ms, 150 ms after the last time. Waits are those of the newcomer, or of the workers named first, over the median time for which the others held the lock; 1 is a whole hold. Ahead: those who had waited longer when it came. Place: how many were granted the lock before it, of those ahead and later ones, and itself. In the order of tickets, it passes nobody and nobody overtakes it. An exclusive lock beside any other would end the run.`,
    [
      '',
      'arrivals',
      'others hold, ms',
      'wait in holds, median',
      'p90',
      'longest',
      'within 2 holds',
      'ahead',
      'place',
      'passed',
      'overtaken by',
    ],
    rows.map(({ situation, arrivals, holdMs }) => {
      const waits = ascending(arrivals.map(({ waitMs }) => waitMs / holdMs));
      const overtakers = arrivals.map((one) => one.overtakers);
      const passed = arrivals.map((one) => one.passed);
      const places = arrivals.map((one) => one.ahead - one.passed + one.overtakers + 1);
      return [
        situation,
        show(arrivals.length, 0),
        show(holdMs, 1),
        show(quantile(waits, 0.5), 2),
        show(quantile(waits, 0.9), 2),
        show(waits.at(-1) ?? NaN, 2),
        `${show((waits.filter((wait) => wait <= 2).length / waits.length) * 100, 0)} %`,
        middle(arrivals.map(({ ahead }) => ahead)),
        `${middle(places)} (at most ${most(places)})`,
        `${middle(passed)} (at most ${most(passed)})`,
        `${middle(overtakers)} (at most ${most(overtakers)})`,
      ];
    }),
  );
}

function middle(figures: readonly number[]): string {
  return show(quantile(ascending(figures), 0.5), 0);
}

function most(figures: readonly number[]): string {
  return show(Math.max(...figures), 0);
}

function ascending(figures: readonly number[]): number[] {
  return figures.toSorted((a, b) => a - b);
}
