import assert from 'node:assert/strict';
import type { CaseScript } from '../conformance.js';
import { texts } from '../texts.js';
import { until } from '../until.js';

const TTL = 60_000;

/** Permits, whose keys are derived in a script. */
export const semaphoreCases: readonly CaseScript[] = [
  {
    name: 'a semaphore gives as many permits as it has, whatever its name is',
    needs: [],
    async check(fixture) {
      const redlock = fixture.redlock(await fixture.node());
      for (const text of texts) {
        const semaphore = redlock.semaphore(fixture.resource(text), 3);
        const locks = [];
        for (let count = 0; count < 3; count++) {
          locks.push(await semaphore.acquire(TTL, { wait: 0 }));
        }
        const permits = locks.map(({ permit }) => permit).toSorted((a, b) => a - b);
        assert.deepEqual(permits, [0, 1, 2], JSON.stringify(text));
        assert.equal(await semaphore.tryAcquire(TTL), null);
        assert.equal((await semaphore.inspect()).held, 3);
        for (const lock of locks) assert.equal(await lock.release(), true);
      }
    },
  },
  {
    name: 'a process that waits for a permit is called when another process releases one',
    needs: ['subscribe'],
    async check(fixture) {
      const node = await fixture.node();
      const name = fixture.resource();
      const holder = fixture.redlock(node).semaphore(name, 2);
      const locks = [await holder.acquire(TTL), await holder.acquire(TTL)];
      const semaphore = fixture.redlock(node).semaphore(name, 2);
      // The poll interval is too long for a poll to wake it.
      const waiting = semaphore.acquire(TTL, { wait: Infinity, pollInterval: 10 * TTL });
      await until('it waits', async () => (await holder.inspect()).waiting === 1);
      const [first, second] = locks;
      assert.equal(await second?.release(), true);
      const next = await waiting;
      assert.equal(next.permit, second?.permit);
      assert.equal(await next.release(), true);
      assert.equal(await first?.release(), true);
    },
  },
];
