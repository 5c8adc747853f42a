import { expect, test } from '@jest/globals';
import { Claim } from '../src/protocol/claim.js';
import { lockKeysOf } from '../src/protocol/lock-keys.js';
import { UnsettledTraces } from '../src/node/cleanup/unsettled-traces.js';

test('unsettled traces are each there once, and go in any order', () => {
  const traces = new UnsettledTraces();
  const [a, b, c] = ['a', 'b', 'c'].map((key) =>
    new Claim(lockKeysOf([key], '', true), 'token').traceAt(0),
  );
  if (!a || !b || !c) throw new Error('no traces');
  for (const trace of [a, b, c, a]) traces.add(trace);
  expect([...traces]).toEqual([a, b, c]);
  traces.delete(a);
  traces.delete(a);
  expect(new Set(traces)).toEqual(new Set([b, c]));
  traces.delete(c);
  expect([...traces]).toEqual([b]);
  traces.add(a);
  expect(traces.size).toBe(2);
});
