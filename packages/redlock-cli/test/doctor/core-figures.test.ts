import { expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { NodeTimeout, timeoutTermsOf } from '../../../redlock-core/src/node/timeouts.js';
import { QuarantineTime } from '../../../redlock-core/src/node/quarantine.js';
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
    const timeout = new NodeTimeout(undefined);
    expect(firstTimeout(facts, terms)).toBe(timeout.of(timeoutTermsOf({ verb: 'acquire', ttl })));
    timeout.measured(roundTrip);
    expect(timeoutOf({ ...facts, roundTrip }, terms)).toBe(
      timeout.of(timeoutTermsOf({ verb: 'acquire', ttl })),
    );
  }
});

test.each(TTLS)('for a ttl of %i ms, a quarantine is as long as in the core', async (ttl) => {
  const quarantine = new QuarantineTime(
    undefined,
    { servers: new WeakMap(), longestTtl: 5000 },
    () => {},
  );
  quarantine.note(ttl);
  expect((await termsOf([node], { ttl })).quarantineTime).toBe(quarantine.ms);
});
