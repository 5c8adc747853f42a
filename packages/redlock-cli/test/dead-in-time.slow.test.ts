import { expect, test } from '@jest/globals';
import { repeatedAfterStall } from 'test-kit';
import { watchedRun } from './support/watched-run.js';

/** `RUNS=100` for the long form, which takes some minutes. */
const RUNS = Number(process.env['RUNS'] ?? 5);
const TTL = Number(process.env['TTL'] ?? 5000);
const AT_ONCE = 5;
/** What a holder subtracts from its ttl because clocks drift (driftFactor, and 2 ms). */
const DRIFT = TTL * 0.01 + 2;

test(
  'a command that ignores SIGTERM is dead before validity ends, whenever a majority of nodes is lost',
  repeatedAfterStall(async () => {
    const early: number[] = [];
    while (early.length < RUNS) {
      const count = Math.min(AT_ONCE, RUNS - early.length);
      early.push(...(await Promise.all(Array.from({ length: count }, loseMajority))));
    }
    expect(Math.min(...early)).toBeGreaterThan(0);
  }),
  24 * 3_600_000,
);

/**
 * At a random moment of the first ttl, a majority of nodes stops to answer. All times are of the clock of this machine.
 * The end of validity is seen from outside: the first of the lost nodes on which the key expires, less the drift. Death is
 * when the kernel closes the command's connection.
 * @returns how long before the end of validity the command was dead, in ms; negative: after it
 */
async function loseMajority(): Promise<number> {
  await using run = await watchedRun(`--ttl ${TTL}ms`);
  const { program, command, deployment } = run;
  await new Promise((resolve) => setTimeout(resolve, Math.random() * TTL));
  const reached = Math.floor(Math.random() * deployment.nodes.length);
  const lost = deployment.nodes.filter((_, index) => index !== reached);
  for (const { proxy } of lost) proxy.blackHole();
  const ends = await Promise.all(
    lost.map(async ({ probe }) => {
      const askedAt = Date.now();
      return askedAt + (await probe.pttl('job'));
    }),
  );
  const diedAt = await command.died;
  expect((await program.ended).code).toBe(75);
  expect(command.signals).toEqual(['SIGTERM']);
  return Math.min(...ends) - DRIFT - diedAt;
}
