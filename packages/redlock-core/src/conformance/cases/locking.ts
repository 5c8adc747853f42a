import assert from 'node:assert/strict';
import type { CaseScript } from '../conformance.js';
import { texts } from '../texts.js';

const TTL = 60_000;

/** Locks, as any caller takes them. */
export const lockingCases: readonly CaseScript[] = [
  {
    name: 'a free resource is granted, a held one denied, a released one granted again',
    needs: [],
    async check(fixture) {
      const redlock = fixture.redlock(await fixture.node());
      const resource = fixture.resource();
      const lock = await redlock.acquire(resource, TTL, { wait: 0 });
      assert.equal(await redlock.tryAcquire(resource, TTL), null);
      await lock.extend();
      assert.equal(await redlock.tryAcquire(resource, TTL), null);
      assert.equal(await lock.release(), true);
      const next = await redlock.acquire(resource, TTL, { wait: 0 });
      assert.equal(await next.release(), true);
    },
  },
  {
    name: 'several resources are locked all or none',
    needs: [],
    async check(fixture) {
      const redlock = fixture.redlock(await fixture.node());
      const [one, two, three] = [fixture.resource(), fixture.resource(), fixture.resource()];
      const lock = await redlock.acquire([one, two], TTL, { wait: 0 });
      assert.equal(await redlock.tryAcquire([two, three], TTL), null);
      const other = await redlock.acquire(three, TTL, { wait: 0 });
      assert.equal(await other.release(), true);
      assert.equal(await lock.release(), true);
    },
  },
  {
    name: 'a resource may be any text',
    needs: [],
    async check(fixture) {
      const redlock = fixture.redlock(await fixture.node());
      for (const text of texts) {
        const resource = fixture.resource(text);
        const lock = await redlock.acquire(resource, TTL, { wait: 0 });
        const { nodes } = await redlock.inspect(resource);
        assert.equal(nodes[0]?.token, lock.token, JSON.stringify(text));
        assert.equal(await lock.release(), true);
      }
    },
  },
  {
    name: 'each grant of a resource has a higher fencing token',
    needs: [],
    async check(fixture) {
      const redlock = fixture.redlock(await fixture.node());
      const resource = fixture.resource();
      let highest = 0;
      for (let round = 0; round < 20; round++) {
        const lock = await redlock.acquire(resource, TTL, { wait: 0 });
        assert.ok(Number.isSafeInteger(lock.fencingToken) && lock.fencingToken > highest);
        highest = lock.fencingToken;
        assert.equal(await lock.release(), true);
      }
    },
  },
  {
    name: 'hundreds of locks at a time get each its own reply',
    needs: [],
    async check(fixture) {
      const redlock = fixture.redlock(await fixture.node());
      const resources = Array.from({ length: 300 }, () => fixture.resource());
      const held = await redlock.acquire(resources[7] ?? '', TTL, { wait: 0 });
      const locks = await Promise.all(
        resources.map((resource) => redlock.tryAcquire(resource, TTL)),
      );
      assert.deepEqual(
        locks.flatMap((lock, index) => (lock === null ? [index] : [])),
        [7],
      );
      const granted = locks.filter((lock) => lock !== null);
      const released = await Promise.all(granted.map((lock) => lock.release()));
      assert.equal(released.filter(Boolean).length, resources.length - 1);
      assert.equal(await held.release(), true);
    },
  },
  {
    name: 'who waits is woken when the lock is released',
    needs: ['subscribe'],
    async check(fixture) {
      const node = await fixture.node();
      const resource = fixture.resource();
      const lock = await fixture.redlock(node).acquire(resource, TTL, { wait: 0 });
      const waiter = fixture.redlock(node);
      const denied = new Promise<void>((resolve) => waiter.on('contended', () => resolve()));
      // A poll would come too late.
      const next = waiter.acquire(resource, TTL, { wait: Infinity, pollInterval: TTL });
      await denied;
      assert.equal(await lock.release(), true);
      assert.equal(await (await next).release(), true);
    },
  },
];
