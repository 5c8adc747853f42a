import assert from 'node:assert/strict';
import { answers, noticesAbsence } from '../ask.js';
import type { CaseScript } from '../conformance.js';
import { pace } from '../pace.js';
import type { Stage } from '../stage.js';
import { until } from '../until.js';

const TTL = 60_000;
const BROKEN = { code: 'QUORUM_UNAVAILABLE' };

/** Locks while the server is hurt. */
export const faultCases: readonly CaseScript[] = [
  {
    name: 'nothing is written for a caller who gave up while the server was away',
    needs: ['server'],
    async play(stage) {
      const node = await stage.node();
      const redlock = stage.redlock(node, { nodeTimeout: pace.hasty });
      const resource = stage.resource();
      await stage.server.kill();
      await noticesAbsence(node);
      await assert.rejects(redlock.acquire(resource, TTL, { wait: 0 }), BROKEN);
      await stage.server.start();
      await answers(node);
      // A grant, also one that was released at once, would have left it. The clients of Clusters wait for
      // each server by themselves.
      const left = await stage.control.ask('EXISTS', `${resource}:fencing`);
      assert.ok(left === 0 || node.cluster);
      await isFree(stage, resource);
    },
  },
  {
    name: 'nothing stays of what a stopped server executes when its caller has given up',
    needs: ['server'],
    async play(stage) {
      const node = await stage.node();
      await answers(node);
      const redlock = stage.redlock(node, { nodeTimeout: pace.hasty });
      const resources = [stage.resource(), stage.resource(), stage.resource()];
      await stage.server.pause();
      const attempts = resources.map((resource) => redlock.acquire(resource, TTL, { wait: 0 }));
      await Promise.all(attempts.map((attempt) => assert.rejects(attempt, BROKEN)));
      await stage.server.resume();
      await answers(node);
      for (const resource of resources) await isFree(stage, resource);
    },
  },
  {
    name: 'nothing stays of what was in flight when the server restarted',
    needs: ['server'],
    async play(stage) {
      const node = await stage.node();
      await answers(node);
      const redlock = stage.redlock(node, { nodeTimeout: pace.hasty });
      const resource = stage.resource();
      await stage.server.pause();
      const attempt = redlock.acquire(resource, TTL, { wait: 0 });
      await assert.rejects(attempt, BROKEN);
      await stage.server.kill();
      await stage.server.start();
      await answers(node);
      await isFree(stage, resource);
    },
  },
  {
    name: 'an attempt succeeds when its server is back in time',
    needs: ['server'],
    async play(stage) {
      const node = await stage.node();
      const redlock = stage.redlock(node, { nodeTimeout: pace.hasty });
      await stage.server.kill();
      await noticesAbsence(node);
      const attempt = redlock.acquire(stage.resource(), TTL, { wait: Infinity, retryDelay: 20 });
      const [lock] = await Promise.all([attempt, stage.server.start()]);
      assert.ok(lock.remaining() > 0);
    },
  },
  {
    name: 'an attempt succeeds although its connection is cut in the middle',
    needs: ['server'],
    async play(stage) {
      const node = await stage.node();
      const redlock = stage.redlock(node, { nodeTimeout: 1000 });
      for (let round = 0; round < 10; round++) {
        const resource = stage.resource();
        const attempt = redlock.acquire(resource, TTL, { wait: Infinity, retryDelay: 20 });
        const [lock] = await Promise.all([attempt, stage.control.cut()]);
        await lock.release();
        await isFree(stage, resource);
      }
    },
  },
  {
    name: 'a slow server grants within its time',
    needs: ['server'],
    async play(stage) {
      const node = await stage.node();
      await answers(node);
      await stage.server.pause();
      const attempt = stage.redlock(node).acquire(stage.resource(), TTL, { wait: Infinity });
      setTimeout(() => void stage.server.resume(), 100);
      assert.equal(await (await attempt).release(), true);
    },
  },
  {
    name: 'a lock outlives a cut of its connection',
    needs: ['server'],
    async play(stage) {
      const node = await stage.node();
      const redlock = stage.redlock(node);
      const lock = await redlock.acquire(stage.resource(), TTL, { wait: 0 });
      await stage.control.cut();
      await answers(node);
      await lock.extend();
      assert.equal(await lock.release(), true);
    },
  },
];

async function isFree(stage: Stage, resource: string): Promise<void> {
  await until('the lock is gone', async () => (await stage.control.ask('EXISTS', resource)) === 0);
}
