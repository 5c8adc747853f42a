import { expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { NodeTimeout } from '../../../redlock-core/src/node/deadlines/node-timeout.js';
import { QuarantineTime } from '../../../redlock-core/src/node/identity/quarantine-time.js';
import { Claim } from '../../../redlock-core/src/protocol/claim.js';
import { LockKeys } from '../../../redlock-core/src/protocol/lock-keys.js';
import { extend } from '../../../redlock-core/src/protocol/operation.js';
import { systemRuntime } from '../../../redlock-core/src/time/runtime.js';
import { firstTimeout, timeoutOf } from '../../src/doctor/checks/node-timeout.js';
import { unknownNode } from '../../src/doctor/facts/node-facts.js';
import { termsOf } from '../../src/doctor/terms.js';

// The doctor judges by figures that are inside the core.

const node = memoryNode({ name: 'any' });
const TTLS = [100, 1000, 5000, 10_000, 60_000];

test.each(TTLS)('for a ttl of %i ms, timeouts are those that the core takes', async (ttl) => {
  const facts = unknownNode(node, null);
  const terms = await termsOf([node], { ttl });
  for (const roundTrip of [0.5, 30, 250, 900]) {
    const timeout = new NodeTimeout(systemRuntime, undefined);
    expect(firstTimeout(facts, terms)).toBe(timeout.of({ kind: 'grant', ttl }));
    timeout.measured(roundTrip);
    expect(timeoutOf({ ...facts, roundTrip }, terms)).toBe(timeout.of({ kind: 'grant', ttl }));
  }
});

test.each(TTLS)('for a ttl of %i ms, a quarantine is as long as in the core', async (ttl) => {
  const quarantine = new QuarantineTime(
    undefined,
    { servers: new WeakMap(), longestTtl: 5000 },
    () => {},
  );
  const claim = new Claim(new LockKeys(['r'], true, false), 'token');
  quarantine.cover(extend(claim, ttl));
  expect((await termsOf([node], { ttl })).quarantineTime).toBe(quarantine.ms);
});
