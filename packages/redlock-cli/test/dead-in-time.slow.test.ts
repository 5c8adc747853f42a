import { expect, test } from '@jest/globals';
import { repeatedAfterStall } from 'test-kit';
import { type LossTrial, loseMajority } from './support/loss-trial.js';

/** `RUNS=100` for the long form, which takes some minutes. */
const RUNS = Number(process.env['RUNS'] ?? 5);
const TTL = Number(process.env['TTL'] ?? 5000);
const AT_ONCE = 5;

test(
  'a command that ignores SIGTERM is dead before validity ends, whenever a majority of nodes is lost',
  repeatedAfterStall(async () => {
    const trials: LossTrial[] = [];
    while (trials.length < RUNS) {
      const count = Math.min(AT_ONCE, RUNS - trials.length);
      trials.push(...(await Promise.all(Array.from({ length: count }, () => loseMajority(TTL)))));
    }
    tell(trials);
    for (const { early, code, signals } of trials) {
      expect(early).toBeGreaterThan(0);
      expect(code).toBe(75);
      expect(signals).toEqual(['SIGTERM']);
    }
  }),
  24 * 3_600_000,
);

/** Shows the figures of the long form. */
function tell(trials: readonly LossTrial[]): void {
  if (process.env['RUNS'] === undefined) return;
  const early = trials.map((trial) => trial.early).toSorted((a, b) => a - b);
  const inTime = early.filter((ms) => ms > 0).length;
  const [least = 0, median = 0, most = 0] = [0, early.length >> 1, early.length - 1].map(
    (rank) => early[rank],
  );
  console.log(
    `ttl ${TTL} ms: ${inTime} of ${trials.length} commands were dead before validity ended; ` +
      `ms before: least ${least.toFixed(0)}, median ${median.toFixed(0)}, most ${most.toFixed(0)}`,
  );
}
