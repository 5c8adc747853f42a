import assert from 'node:assert/strict';
import type { CaseScript } from '../conformance.js';
import { until } from '../until.js';

const TTL = 60_000;
const SHARED = { mode: 'shared', wait: 0 } as const;

/** Locks with several holders. */
export const sharingCases: readonly CaseScript[] = [
  {
    name: 'shared locks are held side by side, and keep exclusive ones out until the last is released',
    needs: [],
    async check(fixture) {
      const redlock = fixture.redlock(await fixture.node());
      const resource = fixture.resource();
      const one = await redlock.acquire(resource, TTL, SHARED);
      const other = await redlock.acquire(resource, TTL, SHARED);
      await one.extend();
      assert.equal(await one.release(), true);
      assert.equal(await redlock.tryAcquire(resource, TTL), null);
      assert.equal(await other.release(), true);
      const exclusive = await redlock.acquire(resource, TTL, { wait: 0 });
      assert.equal(await redlock.tryAcquire(resource, TTL, { mode: 'shared' }), null);
      assert.equal(await exclusive.release(), true);
    },
  },
  {
    name: 'an exclusive waiter is called after the last shared holder, and shared ones wait behind it',
    needs: ['subscribe'],
    async check(fixture) {
      const node = await fixture.node();
      const [redlock, others] = [fixture.redlock(node), fixture.redlock(node)];
      const resource = fixture.resource();
      const reader = await redlock.acquire(resource, TTL, SHARED);
      // A poll would come much later than the case may take.
      const patience = { wait: TTL, pollInterval: TTL };
      const writing = others.acquire(resource, TTL, patience);
      await until('it stands in the queue', async () => {
        return (await redlock.inspect(resource)).waiting === 1;
      });
      assert.equal(await redlock.tryAcquire(resource, TTL, { mode: 'shared' }), null);
      assert.equal(await reader.release(), true);
      const writer = await writing;
      assert.equal(await writer.release(), true);
    },
  },
];
