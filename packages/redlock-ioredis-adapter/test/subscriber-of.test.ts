import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { RedisNode } from 'redlock-core';
import {
  type ClientOptions,
  Deployment,
  emitter,
  isReady,
  killSubscribers,
  type Major,
  majors,
  type RedisServer,
  subscriberIds,
  until,
} from 'test-kit';
import { ioredisNode } from '../src/index.js';

const PING_INTERVAL = 5000;

afterEach(() => {
  jest.useRealTimers();
});

/** What a listener was called with; `undefined`: its subscription has been established. */
class Ear {
  readonly heard: (string | undefined)[] = [];
  losses = 0;
  readonly #unsubscribe: () => void;

  constructor(deployment: Deployment, node: RedisNode, channel: string) {
    if (!node.subscribe) throw new Error('The adapter has no subscriptions');
    this.#unsubscribe = node.subscribe(
      channel,
      (message) => void this.heard.push(message),
      () => this.losses++,
    );
    deployment.defer(() => this.end());
  }

  get established(): number {
    return this.heard.filter((message) => message === undefined).length;
  }

  async isEstablished(times = 1): Promise<void> {
    await until(`${times} times established`, () => this.established >= times);
  }

  async hears(message: string): Promise<void> {
    await until(`${message} arrives`, () => this.heard.includes(message));
  }

  end(): void {
    this.#unsubscribe();
  }
}

async function readyNode(
  deployment: Deployment,
  major: Major,
  options?: ClientOptions,
): Promise<RedisNode> {
  const client = deployment.client(major, 0, options);
  await isReady(client);
  return ioredisNode(client);
}

describe.each(majors)('with ioredis $major', ({ major }) => {
  test('a subscription says when it is established, and passes on the messages of its channel', async () => {
    await using deployment = await Deployment.start(1);
    const { probe } = deployment.node(0);
    const node = await readyNode(deployment, major);
    const ear = new Ear(deployment, node, 'news');
    const other = new Ear(deployment, node, 'other');
    expect(ear.heard).toStrictEqual([]);
    await ear.isEstablished();
    await other.isEstablished();
    expect(await probe.publish('news', 'first')).toBe(1);
    await probe.publish('other', 'not for it');
    await probe.publish('news', '');
    await probe.publish('news', 'last');
    await ear.hears('last');
    expect(ear.heard).toStrictEqual([undefined, 'first', '', 'last']);
    expect(other.heard).toStrictEqual([undefined, 'not for it']);
  });

  test('a subscription whose connection is killed is made again, and says so each time', async () => {
    await using deployment = await Deployment.start(1);
    const { probe } = deployment.node(0);
    const node = await readyNode(deployment, major);
    const ears = ['a', 'b'].map((channel) => new Ear(deployment, node, channel));
    for (let times = 1; times <= 3; times++) {
      for (const ear of ears) await ear.isEstablished(times);
      await probe.publish('a', `a${times}`);
      await probe.publish('b', `b${times}`);
      for (const [index, ear] of ears.entries()) await ear.hears(`${'ab'[index]}${times}`);
      expect(ears.map(({ losses }) => losses)).toEqual([times - 1, times - 1]);
      await killSubscribers(probe);
    }
    expect(ears[0]?.heard.slice(0, 6)).toStrictEqual([
      undefined,
      'a1',
      undefined,
      'a2',
      undefined,
      'a3',
    ]);
  });

  test('a subscription is made again when its server has restarted', async () => {
    await using deployment = await Deployment.start(1);
    const { server, probe } = deployment.node(0);
    const ear = new Ear(deployment, await readyNode(deployment, major), 'news');
    await ear.isEstablished();
    await server.kill();
    await server.start();
    await ear.isEstablished(2);
    await probe.publish('news', 'back');
    await ear.hears('back');
  });

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

  test('all subscriptions share a connection that is opened with the first and closed with the last', async () => {
    await using deployment = await Deployment.start(1);
    const { proxy, probe } = deployment.node(0);
    const node = await readyNode(deployment, major);
    const own = String(await node.call(['CLIENT', 'ID']));
    expect(proxy.connections).toBe(1);
    for (let round = 0; round < 2; round++) {
      const ears = ['a', 'b', 'b'].map((channel) => new Ear(deployment, node, channel));
      for (const ear of ears) await ear.isEstablished();
      expect(proxy.connections).toBe(2);
      const ids = await subscriberIds(probe);
      expect(ids).toHaveLength(1);
      expect(ids).not.toContain(own);
      expect(await node.call(['SET', 'key', 'free for commands'])).toBe('OK');

      const [first, second, third] = ears;
      first?.end();
      first?.end();
      second?.end();
      await until('only b is left', async () => {
        return String(await probe.call('PUBSUB', 'CHANNELS')) === 'b';
      });
      await probe.publish('b', 'still there');
      await third?.hears('still there');
      expect(second?.heard).toStrictEqual([undefined]);
      expect(proxy.connections).toBe(2);
      third?.end();
      await until('the connection is closed', () => proxy.connections === 1);
      expect(await subscriberIds(probe)).toEqual([]);
    }
  });

  test('a subscription beside others is established by itself, without a word to them', async () => {
    await using deployment = await Deployment.start(1);
    const node = await readyNode(deployment, major);
    const first = new Ear(deployment, node, 'a');
    await first.isEstablished();
    for (const channel of ['a', 'b', 'c']) await new Ear(deployment, node, channel).isEstablished();
    expect(first.heard).toStrictEqual([undefined]);
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

  test('a user without rights to channels rejects nothing', async () => {
    await using deployment = await Deployment.start(1);
    const { probe } = deployment.node(0);
    await probe.call('ACL', 'SETUSER', 'limited', 'on', '>pw', '~*', '+@all', 'resetchannels');
    const client = { username: 'limited', password: 'pw' };
    const ear = new Ear(deployment, await readyNode(deployment, major, client), 'news');
    await until('the server has refused', async () => {
      return (await probe.info('commandstats')).includes('cmdstat_subscribe:calls=0,');
    });
    await probe.publish('news', 'not for it');
    expect(ear.heard).toStrictEqual([]);
    expect(ear.losses).toBe(0);
    await probe.call('ACL', 'SETUSER', 'limited', '&news');
    await probe.call('CLIENT', 'KILL', 'USER', 'limited');
    await ear.isEstablished();
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

  test('a Redis Cluster is subscribed to through a connection of its own', async () => {
    await using deployment = await Deployment.start(0);
    const cluster = await deployment.cluster({ masters: 1 });
    const probe = cluster.probe(await cluster.masterOf('key'));
    const client = deployment.clusterClient(major, cluster, { keyPrefix: 'app:' });
    const node = ioredisNode(client);
    const ear = new Ear(deployment, node, 'news');
    await ear.isEstablished();
    await probe.publish('news', 'hello');
    await ear.hears('hello');
    expect(await node.call(['SET', 'key', 'free for commands'])).toBe('OK');
    ear.end();
    await until('nobody listens', async () => (await subscriberIds(probe)).length === 0);
    const again = new Ear(deployment, node, 'news');
    await again.isEstablished();
    expect(ear.heard).toStrictEqual([undefined, 'hello']);
  });

  test('a subscription to a Redis Cluster moves to another server, and says so', async () => {
    await using deployment = await Deployment.start(0);
    const cluster = await deployment.cluster({ replicas: 1 });
    const { servers } = cluster;
    const client = deployment.clusterClient(major, cluster);
    await isReady(client);
    const ear = new Ear(deployment, ioredisNode(client), 'news');
    await ear.isEstablished();
    for (const server of servers) await killSubscribers(cluster.probe(server));
    await ear.isEstablished(2);
    await publish('killed');
    const [host] = await subscribedTo();
    if (!host) throw new Error('Nobody has the subscription');
    await host.kill();
    await ear.isEstablished(3);
    await publish('moved');

    async function subscribedTo(): Promise<RedisServer[]> {
      const counts = await Promise.all(
        servers.map(async (server) => (await subscriberIds(cluster.probe(server))).length),
      );
      return servers.filter((_, index) => counts[index]);
    }
    /** By every server that is alive, in turn: each passes it on to the one that is listened to. */
    async function publish(text: string): Promise<void> {
      for (const server of servers) {
        const { name } = server;
        const sent = cluster.probe(server).publish('news', `${text} ${name}`);
        if (
          await sent.then(
            () => true,
            () => false,
          )
        )
          await ear.hears(`${text} ${name}`);
      }
    }
  });
});

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
