import { afterEach, expect, jest, test } from '@jest/globals';
import type { RedisNode } from 'redlock-core';
import {
  type ClientOptions,
  Deployment,
  emitter,
  isReady,
  killSubscribers,
  type Major,
  subscriberIds,
  until,
} from 'test-kit';
import { ioredisNode } from '../../src/index.js';
import { Ear } from '../support/ear.js';

const PING_INTERVAL = 5000;

afterEach(() => {
  jest.useRealTimers();
});

async function readyNode(
  deployment: Deployment,
  major: Major,
  options?: ClientOptions,
): Promise<RedisNode> {
  const client = deployment.client(major, 0, options);
  await isReady(client);
  return ioredisNode(client);
}

/** What the conformance suite does not try, because only this adapter has it. */
export function testSubscriptions(major: Major): void {
  test('key prefix and database of the client do not matter', async () => {
    await using deployment = await Deployment.start(1);
    const { probe } = deployment.node(0);
    const node = await readyNode(deployment, major, { keyPrefix: 'app:', db: 3 });
    const ear = new Ear(deployment, node, 'news');
    await ear.isEstablished();
    await node.call(['PUBLISH', 'news', 'own']);
    await probe.publish('news', 'from db 0');
    await probe.publish('app:news', 'not for it');
    await ear.hears('from db 0');
    expect(ear.heard).toStrictEqual([undefined, 'own', 'from db 0']);
  });

  test('a subscription that is ended is told nothing more, established or not', async () => {
    await using deployment = await Deployment.start(1);
    const { probe } = deployment.node(0);
    const node = await readyNode(deployment, major);
    const early = new Ear(deployment, node, 'early');
    early.end();
    const lasting = new Ear(deployment, node, 'lasting');
    await lasting.isEstablished();
    const under = new Ear(deployment, node, 'under way');
    under.end();
    const ended = new Ear(deployment, node, 'ended');
    await ended.isEstablished();
    ended.end();
    for (const channel of ['early', 'under way', 'ended']) await probe.publish(channel, 'too late');
    await killSubscribers(probe);
    await lasting.isEstablished(2);
    expect(early.heard).toStrictEqual([]);
    expect(under.heard).toStrictEqual([]);
    expect(ended.heard).toStrictEqual([undefined]);
    expect([early, under, ended, lasting].map(({ losses }) => losses)).toEqual([0, 0, 0, 1]);
    expect(await probe.call('PUBSUB', 'CHANNELS')).toEqual(['lasting']);
  });

  test('a server that is out of reach rejects nothing, and is subscribed to when it is back', async () => {
    await using deployment = await Deployment.start(1);
    const { proxy, probe } = deployment.node(0);
    const client = deployment.client(major, 0);
    await isReady(client);
    const node = ioredisNode(client);
    const established = new Ear(deployment, node, 'news');
    await established.isEstablished();
    proxy.refuse();
    // The client's own attempts to connect fail as often as those for subscriptions, and show it.
    let refusals = 0;
    emitter(client).on('error', () => refusals++);
    await until('some attempts have failed', () => refusals >= 3);
    const later = new Ear(deployment, node, 'later');
    const given = new Ear(deployment, node, 'given up');
    given.end();
    await proxy.heal();
    await established.isEstablished(2);
    await later.isEstablished();
    await probe.publish('later', 'hello');
    await later.hears('hello');
    expect(given.heard).toStrictEqual([]);
  });

  test('a subscription that is ended while its server is out of reach leaves no connection', async () => {
    await using deployment = await Deployment.start(1);
    const { proxy } = deployment.node(0);
    const node = await readyNode(deployment, major);
    proxy.refuse();
    await until('the client has noticed', () => !node.ready);
    const ear = new Ear(deployment, node, 'news');
    ear.end();
    await proxy.heal();
    await until('the client is back', () => node.ready);
    const next = new Ear(deployment, node, 'next');
    await next.isEstablished();
    expect(proxy.connections).toBe(2);
    expect(ear.heard).toStrictEqual([]);
  });

  test('a user who loses the right to a channel hears nothing, until the ping after it is back', async () => {
    await using deployment = await Deployment.start(1);
    const { probe } = deployment.node(0);
    await probe.call('ACL', 'SETUSER', 'limited', 'on', '>pw', '~*', '+@all', '&news');
    const node = await readyNode(deployment, major, { username: 'limited', password: 'pw' });
    useFakeIntervals();
    const ear = new Ear(deployment, node, 'news');
    await ear.isEstablished();
    await probe.call('ACL', 'SETUSER', 'limited', 'resetchannels');
    await until('the subscription is lost', () => ear.losses === 1);
    await until('the server has refused another', async () => {
      const stats = await probe.info('commandstats');
      return /^cmdstat_subscribe:.*rejected_calls=1,/m.test(stats);
    });
    await probe.call('ACL', 'SETUSER', 'limited', '&news');
    jest.advanceTimersByTime(PING_INTERVAL);
    await ear.isEstablished(2);
    await probe.publish('news', 'back');
    await ear.hears('back');
    expect(ear.losses).toBe(1);
  });

  test('a connection on which nothing comes back for two pings is replaced', async () => {
    await using deployment = await Deployment.start(1);
    const { proxy, probe } = deployment.node(0);
    const node = await readyNode(deployment, major);
    useFakeIntervals();
    const ear = new Ear(deployment, node, 'news');
    await ear.isEstablished();
    const before = await subscriberIds(probe);
    const connections = await connectionCount();
    proxy.blackHole();
    jest.advanceTimersByTime(PING_INTERVAL);
    jest.advanceTimersByTime(PING_INTERVAL);
    await until('there is another connection', async () => {
      return (await connectionCount()) > connections;
    });
    await proxy.heal();
    await ear.isEstablished(2);
    await until('the old one is gone', async () => (await subscriberIds(probe)).length === 1);
    expect(await subscriberIds(probe)).not.toEqual(before);
    await probe.publish('news', 'back');
    await ear.hears('back');

    async function connectionCount(): Promise<number> {
      return String(await probe.call('CLIENT', 'LIST'))
        .trim()
        .split('\n').length;
    }
  });

  test('a quiet connection that answers pings is kept', async () => {
    await using deployment = await Deployment.start(1);
    const { probe } = deployment.node(0);
    const node = await readyNode(deployment, major);
    useFakeIntervals();
    const ear = new Ear(deployment, node, 'news');
    await ear.isEstablished();
    const before = await subscriberIds(probe);
    const monitor = await deployment.monitor(0);
    for (let pings = 1; pings <= 4; pings++) {
      jest.advanceTimersByTime(PING_INTERVAL);
      // Answered behind the ping, on the same connection.
      await new Ear(deployment, node, `beside ${pings}`).isEstablished();
      await monitor.settle();
      expect(monitor.commands().filter((command) => /^"ping"/i.test(command))).toHaveLength(pings);
    }
    expect(await subscriberIds(probe)).toEqual(before);
    expect(ear.heard).toStrictEqual([undefined]);
  });
}

/** Pings come when a test says so; everything else takes its time. */
function useFakeIntervals(): void {
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
    ],
  });
}
