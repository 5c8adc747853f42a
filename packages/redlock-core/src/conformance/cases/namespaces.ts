import assert from 'node:assert/strict';
import type { CaseScript } from '../conformance.js';

const TTL = 60_000;

/** Keys of clients that have a database or a prefix of their own. */
export const namespaceCases: readonly CaseScript[] = [
  {
    name: "locks are in the client's own database",
    needs: ['server', 'db'],
    async check(fixture) {
      const redlock = fixture.redlock(await fixture.node({ db: 3 }));
      const resource = fixture.resource();
      const lock = await redlock.acquire(resource, TTL, { wait: 0 });
      assert.equal(await fixture.control.askIn(3, 'GET', resource), lock.token);
      assert.equal(await fixture.control.ask('EXISTS', resource), 0);
      await fixture.control.cut();
      await lock.extend().catch(() => {});
      const next = fixture.resource();
      await redlock.acquire(next, TTL);
      assert.equal(await fixture.control.askIn(3, 'EXISTS', next), 1);
    },
  },
  {
    name: "the client's own key prefix is put before all keys",
    needs: ['server', 'keyPrefix'],
    async check(fixture) {
      const redlock = fixture.redlock(await fixture.node({ keyPrefix: 'app:' }));
      const resources = [fixture.resource(), fixture.resource()];
      const lock = await redlock.acquire(resources, TTL, { wait: 0 });
      for (const resource of resources) {
        assert.equal(await fixture.control.ask('GET', `app:${resource}`), lock.token);
      }
      const keys = (await fixture.control.ask('KEYS', `*${resources[0]}*`)) as string[];
      assert.ok(keys.every((key) => key.startsWith('app:') || key.startsWith('{app:')));
      const { nodes } = await redlock.inspect(resources[0] ?? '');
      assert.equal(nodes[0]?.token, lock.token);
      assert.equal(await lock.release(), true);
      const [resource = ''] = resources;
      const plain = await redlock.acquire(resource, TTL, { wait: 0, fencing: false });
      assert.equal(await fixture.control.ask('GET', `app:${resource}`), plain.token);
      assert.equal(await plain.release(), true);
    },
  },
  {
    name: "the client's own key prefix and the same keyPrefix of a Redlock exclude each other, in both modes",
    needs: ['server', 'keyPrefix'],
    async check(fixture) {
      const [own, other] = [
        fixture.redlock(await fixture.node({ keyPrefix: 'app:' })),
        fixture.redlock(await fixture.node(), { keyPrefix: 'app:' }),
      ];
      for (const [holder, contender] of [
        [own, other],
        [other, own],
      ] as const) {
        const resource = fixture.resource();
        const lock = await holder.acquire(resource, TTL, { wait: 0 });
        assert.equal(await contender.tryAcquire(resource, TTL), null);
        assert.equal(await contender.tryAcquire(resource, TTL, { mode: 'shared' }), null);
        assert.equal(await lock.release(), true);
        const reader = await holder.acquire(resource, TTL, { wait: 0, mode: 'shared' });
        assert.equal(await contender.tryAcquire(resource, TTL), null);
        assert.equal(await reader.release(), true);
      }
    },
  },
  {
    name: "the client's own key prefix is not put before channels",
    needs: ['server', 'keyPrefix', 'subscribe'],
    async check(fixture) {
      const prefixed = await fixture.node({ keyPrefix: 'app:' });
      const channel = fixture.resource();
      const ear = fixture.ear(prefixed, channel);
      await ear.isEstablished();
      await prefixed.call(['PUBLISH', channel, 'hello']);
      await ear.hears('hello');
    },
  },
];
