import { expect, test } from '@jest/globals';
import { repeatedAfterStall } from '../src/index.js';

const REPEATED = Symbol.for('redlock-test-kit.repeated');

/** Runs a test; it fails as often as told, with a stall or without. @returns how often it ran, and the end of it */
async function run(failures: number, stall: boolean): Promise<{ runs: number; end: string }> {
  let runs = 0;
  const repeated = repeatedAfterStall(async () => {
    if (++runs > failures) return;
    // In a stall the process has no time to run, and computes nothing.
    if (stall) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    throw new Error('too late');
  });
  const end = await repeated().then(
    () => 'passed',
    (error: unknown) => String(error),
  );
  return { runs, end };
}

test('a test that fails is repeated only after a stall, at most three times, and reports why', async () => {
  const listener: unknown = Reflect.get(globalThis, REPEATED);
  const reasons: string[] = [];
  Reflect.set(globalThis, REPEATED, (reason: Error) => reasons.push(reason.message));
  try {
    expect(await run(1, true)).toEqual({ runs: 2, end: 'passed' });
    expect(await run(1, false)).toEqual({ runs: 1, end: 'Error: too late' });
    expect(await run(Infinity, true)).toEqual({ runs: 4, end: 'Error: too late' });
  } finally {
    Reflect.set(globalThis, REPEATED, listener);
  }
  expect(reasons).toHaveLength(4);
  for (const reason of reasons) {
    expect(reason).toMatch(/^Repeated: it failed while the machine stood still for \d+ ms$/);
  }
});
