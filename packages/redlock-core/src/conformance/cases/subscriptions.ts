import assert from 'node:assert/strict';
import { answers, evaluate } from '../ask.js';
import type { CaseScript } from '../conformance.js';
import { texts } from '../texts.js';
import { until } from '../until.js';

const TTL = 60_000;

/** Push messages. */
export const subscriptionCases: readonly CaseScript[] = [
  {
    name: 'a subscription says when it is established, and passes on the messages of its channel',
    needs: ['server', 'subscribe'],
    async check(fixture) {
      const node = await fixture.node();
      const [channel, other] = [fixture.resource(), fixture.resource()];
      const ear = fixture.ear(node, channel);
      const second = fixture.ear(node, other);
      await ear.isEstablished();
      await second.isEstablished();
      assert.equal(Number(await evaluate(node, 'return 1', fixture.resource())), 1);
      for (const text of texts) await fixture.control.ask('PUBLISH', channel, text);
      await fixture.control.ask('PUBLISH', other, 'other');
      await fixture.control.ask('PUBLISH', channel, 'last');
      await ear.hears('last');
      await second.hears('other');
      assert.deepEqual(ear.heard, [undefined, ...texts, 'last']);
      assert.deepEqual(second.heard, [undefined, 'other']);
    },
  },
  {
    name: 'a subscription hears what a script publishes, whatever its channel is called',
    needs: ['server', 'subscribe'],
    async check(fixture) {
      const node = await fixture.node();
      for (const text of texts) {
        // Like the channel of a process.
        const channel = `${fixture.resource(text)}:called:V1StGXR8_Z5jdHi6B-myT`;
        const ear = fixture.ear(node, channel);
        await ear.isEstablished();
        const script = "return redis.call('publish', ARGV[1], 'called')";
        await evaluate(node, script, fixture.resource(), channel);
        await ear.hears('called');
        assert.deepEqual(ear.heard, [undefined, 'called'], JSON.stringify(text));
        ear.end();
      }
    },
  },
  {
    name: 'if the server refuses its channel, a subscription is never established, and locks are waited for by polling',
    needs: ['server', 'users', 'subscribe'],
    async check(fixture) {
      const [username, password] = ['unheard', 'something-secret'];
      const rights = ['~*', '+@all', 'resetchannels'];
      await fixture.control.ask('ACL', 'SETUSER', username, 'on', `>${password}`, ...rights);
      const node = await fixture.node({ username, password });
      const resource = fixture.resource();
      const refused = fixture.ear(node, fixture.resource());
      const lock = await fixture.redlock(node).acquire(resource, TTL, { wait: 0 });
      const waiter = fixture.redlock(node);
      let tries = 0;
      waiter.on('contended', () => tries++);
      const next = waiter.acquire(resource, TTL, { wait: Infinity, pollInterval: 50 });
      await until('it has polled', () => tries > 3);
      assert.equal(await lock.release(), true);
      assert.equal(await (await next).release(), true);
      assert.ok(!refused.heard.includes(undefined));
    },
  },
  {
    name: 'a subscription whose connection was cut says so, and when it is established again',
    needs: ['server', 'subscribe'],
    async check(fixture) {
      const node = await fixture.node();
      const channel = fixture.resource();
      const ear = fixture.ear(node, channel);
      await ear.isEstablished();
      await fixture.control.cut();
      await ear.isEstablished(2);
      await fixture.control.ask('PUBLISH', channel, 'again');
      await ear.hears('again');
      assert.deepEqual(ear.heard, [undefined, null, undefined, 'again']);
    },
  },
  {
    name: 'a subscription that its user has no right to any more says so, and when it has again',
    needs: ['server', 'users', 'subscribe'],
    async check(fixture) {
      const [username, password] = ['listener', 'something-secret'];
      const allow = (...rights: readonly string[]): Promise<unknown> =>
        fixture.control.ask('ACL', 'SETUSER', username, ...rights);
      await allow('on', `>${password}`, '~*', '&*', '+@all');
      const node = await fixture.node({ username, password });
      const channel = fixture.resource();
      const ear = fixture.ear(node, channel);
      await ear.isEstablished();
      await allow('resetchannels');
      await ear.isLost();
      await allow('&*');
      await ear.isEstablished(2);
      await fixture.control.ask('PUBLISH', channel, 'again');
      await ear.hears('again');
    },
  },
  {
    name: 'a subscription is established again when its server has restarted',
    needs: ['server', 'subscribe'],
    async check(fixture) {
      const node = await fixture.node();
      const channel = fixture.resource();
      const ear = fixture.ear(node, channel);
      await ear.isEstablished();
      await fixture.server.kill();
      await fixture.server.start();
      await answers(node);
      await until('a message arrives', async () => {
        await fixture.control.ask('PUBLISH', channel, 'back');
        return ear.heard.includes('back');
      });
    },
  },
  {
    name: 'the connection for subscriptions is closed with the last of them',
    needs: ['server', 'subscribe'],
    async check(fixture) {
      const node = await fixture.node();
      const nobodyListens = (): Promise<void> =>
        until('nobody listens', async () => (await fixture.control.subscribers()) === 0);
      // A case before this may have left a connection that is just closing.
      await nobodyListens();
      const ears = [1, 2, 3].map(() => fixture.ear(node, fixture.resource()));
      for (const ear of ears) await ear.isEstablished();
      assert.equal(await fixture.control.subscribers(), 1);
      for (const ear of ears) ear.end();
      await nobodyListens();
      const again = fixture.ear(node, fixture.resource());
      await again.isEstablished();
    },
  },
  {
    name: 'an ended subscription receives nothing more',
    needs: ['server', 'subscribe'],
    async check(fixture) {
      const node = await fixture.node();
      const channel = fixture.resource();
      const [lasting, ended] = [fixture.ear(node, channel), fixture.ear(node, channel)];
      await lasting.isEstablished();
      await ended.isEstablished();
      ended.end();
      ended.end();
      await fixture.control.ask('PUBLISH', channel, 'too late');
      await lasting.hears('too late');
      assert.deepEqual(ended.heard, [undefined]);
    },
  },
];
