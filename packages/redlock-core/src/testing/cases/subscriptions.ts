import assert from 'node:assert/strict';
import { answers, evaluate } from '../ask.js';
import type { CaseScript } from '../conformance.js';
import { texts } from '../texts.js';
import { until } from '../until.js';

/** Push messages. */
export const subscriptionCases: readonly CaseScript[] = [
  {
    name: 'a subscription says when it is established, and passes on the messages of its channel',
    needs: ['server', 'subscribe'],
    async play(stage) {
      const node = await stage.node();
      const [channel, other] = [stage.resource(), stage.resource()];
      const ear = stage.ear(node, channel);
      const second = stage.ear(node, other);
      await ear.isEstablished();
      await second.isEstablished();
      assert.equal(Number(await evaluate(node, 'return 1', stage.resource())), 1);
      for (const text of texts) await stage.control.ask('PUBLISH', channel, text);
      await stage.control.ask('PUBLISH', other, 'other');
      await stage.control.ask('PUBLISH', channel, 'last');
      await ear.hears('last');
      await second.hears('other');
      assert.deepEqual(ear.heard, [undefined, ...texts, 'last']);
      assert.deepEqual(second.heard, [undefined, 'other']);
    },
  },
  {
    name: 'a subscription whose connection was cut says so, and when it is established again',
    needs: ['server', 'subscribe'],
    async play(stage) {
      const node = await stage.node();
      const channel = stage.resource();
      const ear = stage.ear(node, channel);
      await ear.isEstablished();
      await stage.control.cut();
      await ear.isEstablished(2);
      await stage.control.ask('PUBLISH', channel, 'again');
      await ear.hears('again');
      assert.deepEqual(ear.heard, [undefined, null, undefined, 'again']);
    },
  },
  {
    name: 'a subscription that its user has no right to any more says so, and when it has again',
    needs: ['server', 'users', 'subscribe'],
    async play(stage) {
      const [username, password] = ['listener', 'something-secret'];
      const allow = (...rights: readonly string[]): Promise<unknown> =>
        stage.control.ask('ACL', 'SETUSER', username, ...rights);
      await allow('on', `>${password}`, '~*', '&*', '+@all');
      const node = await stage.node({ username, password });
      const channel = stage.resource();
      const ear = stage.ear(node, channel);
      await ear.isEstablished();
      await allow('resetchannels');
      await ear.isLost();
      await allow('&*');
      await ear.isEstablished(2);
      await stage.control.ask('PUBLISH', channel, 'again');
      await ear.hears('again');
    },
  },
  {
    name: 'a subscription is established again when its server has restarted',
    needs: ['server', 'subscribe'],
    async play(stage) {
      const node = await stage.node();
      const channel = stage.resource();
      const ear = stage.ear(node, channel);
      await ear.isEstablished();
      await stage.server.kill();
      await stage.server.start();
      await answers(node);
      await until('a message arrives', async () => {
        await stage.control.ask('PUBLISH', channel, 'back');
        return ear.heard.includes('back');
      });
    },
  },
  {
    name: 'the connection for subscriptions is closed with the last of them',
    needs: ['server', 'subscribe'],
    async play(stage) {
      const node = await stage.node();
      const nobodyListens = (): Promise<void> =>
        until('nobody listens', async () => (await stage.control.subscribers()) === 0);
      // A case before this may have left a connection that is just closing.
      await nobodyListens();
      const ears = [1, 2, 3].map(() => stage.ear(node, stage.resource()));
      for (const ear of ears) await ear.isEstablished();
      assert.equal(await stage.control.subscribers(), 1);
      for (const ear of ears) ear.end();
      await nobodyListens();
      const again = stage.ear(node, stage.resource());
      await again.isEstablished();
    },
  },
  {
    name: 'who has ended a subscription hears nothing more',
    needs: ['server', 'subscribe'],
    async play(stage) {
      const node = await stage.node();
      const channel = stage.resource();
      const [lasting, ended] = [stage.ear(node, channel), stage.ear(node, channel)];
      await lasting.isEstablished();
      await ended.isEstablished();
      ended.end();
      ended.end();
      await stage.control.ask('PUBLISH', channel, 'too late');
      await lasting.hears('too late');
      assert.deepEqual(ended.heard, [undefined]);
    },
  },
];
