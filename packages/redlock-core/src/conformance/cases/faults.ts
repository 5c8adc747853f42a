import assert from 'node:assert/strict';
import { answers, noticesAbsence } from '../ask.js';
import type { CaseScript } from '../conformance.js';
import { pace } from '../pace.js';
import type { Fixture } from '../fixture.js';
import { until } from '../until.js';

const TTL = 60_000;
const BROKEN = { code: 'QUORUM_UNAVAILABLE' };

/** Locks while the server is hurt. */
export const faultCases: readonly CaseScript[] = [
  {
    name: 'nothing is written for a caller who gave up while the server was away',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      const redlock = fixture.redlock(node, { nodeTimeout: pace.hasty });
      const resource = fixture.resource();
      await fixture.server.kill();
      await noticesAbsence(node);
      await assert.rejects(redlock.acquire(resource, TTL, { wait: 0 }), BROKEN);
      await fixture.server.start();
      await answers(node);
      // A grant would have left the counter, even if it was released at once. On a Cluster it may be there, because
      // clients of Clusters wait for each server by themselves.
      const left = await fixture.control.ask('EXISTS', `${resource}:fencing`);
      assert.ok(left === 0 || node.cluster);
      await isFree(fixture, resource);
    },
  },
  {
    name: 'nothing stays of what a stopped server executes when its caller has given up',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      await answers(node);
      const redlock = fixture.redlock(node, { nodeTimeout: pace.hasty });
      const resources = [fixture.resource(), fixture.resource(), fixture.resource()];
      await fixture.server.pause();
      const attempts = resources.map((resource) => redlock.acquire(resource, TTL, { wait: 0 }));
      await Promise.all(attempts.map((attempt) => assert.rejects(attempt, BROKEN)));
      await fixture.server.resume();
      await answers(node);
      for (const resource of resources) await isFree(fixture, resource);
    },
  },
  {
    name: 'nothing stays of what was in flight when the server restarted',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      await answers(node);
      const redlock = fixture.redlock(node, { nodeTimeout: pace.hasty });
      const resource = fixture.resource();
      await fixture.server.pause();
      const attempt = redlock.acquire(resource, TTL, { wait: 0 });
      await assert.rejects(attempt, BROKEN);
      await fixture.server.kill();
      await fixture.server.start();
      await answers(node);
      await isFree(fixture, resource);
    },
  },
  {
    name: 'an attempt succeeds when its server is back in time',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      const redlock = fixture.redlock(node, { nodeTimeout: pace.hasty });
      await fixture.server.kill();
      await noticesAbsence(node);
      const attempt = redlock.acquire(fixture.resource(), TTL, {
        wait: Infinity,
        pollInterval: 20,
      });
      const [lock] = await Promise.all([attempt, fixture.server.start()]);
      assert.ok(lock.remaining() > 0);
    },
  },
  {
    name: 'an attempt succeeds although its connection is cut in the middle',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      const redlock = fixture.redlock(node, { nodeTimeout: 1000 });
      for (let round = 0; round < 10; round++) {
        const resource = fixture.resource();
        const attempt = redlock.acquire(resource, TTL, { wait: Infinity, pollInterval: 20 });
        const [lock] = await Promise.all([attempt, fixture.control.cut()]);
        await lock.release();
        await isFree(fixture, resource);
      }
    },
  },
  {
    name: 'a slow server grants within its time',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      await answers(node);
      await fixture.server.pause();
      const attempt = fixture.redlock(node).acquire(fixture.resource(), TTL, { wait: Infinity });
      setTimeout(() => void fixture.server.resume(), 100);
      assert.equal(await (await attempt).release(), true);
    },
  },
  {
    name: 'a lock outlives a cut of its connection',
    needs: ['server'],
    async check(fixture) {
      const node = await fixture.node();
      const redlock = fixture.redlock(node);
      const lock = await redlock.acquire(fixture.resource(), TTL, { wait: 0 });
      await fixture.control.cut();
      await answers(node);
      await lock.extend();
      assert.equal(await lock.release(), true);
    },
  },
];

async function isFree(fixture: Fixture, resource: string): Promise<void> {
  await until(
    'the lock is gone',
    async () => (await fixture.control.ask('EXISTS', resource)) === 0,
  );
}
