import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Lock, Redlock } from 'redlock-core';
import { Deployment, pace, rejectionOf, repeatedAfterStall, until } from 'test-kit';
import { readyRedlock } from './support/contender.js';
import { redlock5 } from './support/peers.js';
import { untilQueued } from './support/queues.js';

const MAJOR = 6;
const TTL = 60_000;
/** What wakes a waiter is no poll. */
const patient = { wait: 2 * pace.limit, retryDelay: 10 * pace.limit, retryJitter: 0 };

let deployment: Deployment;
let holder: Redlock;

async function begin(nodes: number): Promise<void> {
  deployment = await Deployment.start(nodes);
  holder = await readyRedlock(deployment, MAJOR);
}

beforeEach(() => begin(3));

afterEach(async () => {
  await deployment[Symbol.asyncDispose]();
});

async function waiterFor(resource: string, standing: number, signal?: AbortSignal) {
  const redlock = await readyRedlock(deployment, MAJOR, patient);
  const lock = redlock.acquire(resource, TTL, signal && { signal });
  lock.catch(() => {});
  await stand(resource, standing);
  return { redlock, lock };
}

/** Resolves when so many processes are in the queue of each node. */
async function stand(resource: string, count: number): Promise<void> {
  await untilQueued(deployment, `{${resource}}:waiting`, count);
}

/** Puts a process into all queues, ahead of everybody else, that never asks for the lock. */
async function enterGhost(resource: string, reservation: number): Promise<string> {
  const channel = `${resource}:called:ghost`;
  for (const probe of deployment.probes) {
    await probe.zadd(`{${resource}}:waiting`, 1, `${reservation}:${channel}`);
  }
  return channel;
}

function connect({ host, port }: { readonly host: string; readonly port: number }): Redis {
  const client = new Redis({ host, port });
  deployment.own(client);
  return client;
}

/** @returns what it is told, node by node */
async function listen(channel: string): Promise<string[][]> {
  return Promise.all(
    deployment.nodes.map(async ({ server }) => {
      const heard: string[] = [];
      const ear = connect(server);
      ear.on('message', (_, message: string) => heard.push(message));
      await ear.subscribe(channel);
      return heard;
    }),
  );
}

async function got(lock: Promise<Lock>): Promise<void> {
  expect(await (await lock).release()).toBe(true);
}

function values(resource: string): Promise<(string | null)[]> {
  return Promise.all(deployment.probes.map((probe) => probe.get(resource)));
}

/** How often the servers have published, as they tell it. */
async function published(): Promise<string[]> {
  const stats = await Promise.all(deployment.probes.map((probe) => probe.info('commandstats')));
  return stats.flatMap((text) => /^cmdstat_publish:calls=\d+/m.exec(text) ?? []);
}

describe.each([1, 5])('with %d nodes', (count) => {
  beforeEach(async () => {
    await deployment[Symbol.asyncDispose]();
    await begin(count);
  });

  test('a release calls the process that waits', async () => {
    const held = await holder.acquire('r', TTL);
    const { lock } = await waiterFor('r', 1);
    expect(await held.release()).toBe(true);
    await got(lock);
    await stand('r', 0);
  });
});

test(
  'processes have the lock in the order in which they came',
  repeatedAfterStall(async () => {
    const resource = `r${performance.now()}`;
    const held = await holder.acquire(resource, TTL);
    const served: number[] = [];
    const locks: Promise<void>[] = [];
    for (let index = 0; index < 6; index++) {
      const { lock } = await waiterFor(resource, index + 1);
      locks.push(
        lock.then((one) => {
          served.push(index);
          return got(Promise.resolve(one));
        }),
      );
    }
    expect(await held.release()).toBe(true);
    await Promise.all(locks);
    expect(served).toEqual([0, 1, 2, 3, 4, 5]);
  }),
);

test('a process that is called and hangs holds the next one up for a moment only', async () => {
  const held = await holder.acquire('r', TTL);
  const heard = await listen(await enterGhost('r', 50));
  const { lock } = await waiterFor('r', 2);
  expect(await held.release()).toBe(true);
  await got(lock);
  expect(heard).toEqual([['called'], ['called'], ['called']]);
});

test('processes that are gone are passed over', async () => {
  const held = await holder.acquire('r', TTL);
  for (const probe of deployment.probes) {
    for (const name of ['dead', 'gone', 'lost']) {
      await probe.zadd('{r}:waiting', 1, `60000:r:called:${name}`);
    }
  }
  const { lock } = await waiterFor('r', 4);
  expect(await held.release()).toBe(true);
  await got(lock);
  await stand('r', 0);
});

test('whoever gives up leaves the queue, and the next one is called', async () => {
  const held = await holder.acquire('r', TTL);
  const canceller = new AbortController();
  const first = await waiterFor('r', 1, canceller.signal);
  const second = await waiterFor('r', 2);
  canceller.abort(new Error('no longer wanted'));
  expect(await rejectionOf(first.lock)).toBe(canceller.signal.reason);
  await stand('r', 1);
  expect(await held.release()).toBe(true);
  await got(second.lock);
});

test('a process that is called and wants nothing any more passes the call on', async () => {
  const held = await holder.acquire('r', TTL);
  const canceller = new AbortController();
  const first = await waiterFor('r', 1, canceller.signal);
  const [probe] = deployment.probes;
  const [member = ''] = (await probe?.zrange('{r}:waiting', '0', '-1')) ?? [];
  const second = await waiterFor('r', 2);
  canceller.abort(new Error('no longer wanted'));
  await rejectionOf(first.lock);
  await stand('r', 1);
  // As if the nodes had not heard that it left. A key would be reserved for it for a minute.
  const lasting = member.replace(/^\d+/, '60000');
  for (const each of deployment.probes) await each.zadd('{r}:waiting', 1, lasting);
  expect(await held.release()).toBe(true);
  await got(second.lock);
});

test('a reserved key is held for everybody else, and for other libraries, until that ends', async () => {
  const held = await holder.acquire('r', TTL);
  const other = await readyRedlock(deployment, MAJOR);
  const foreign = redlock5.open(deployment.nodes.map(({ server }) => connect(server)));
  await listen(await enterGhost('r', TTL));
  expect(await held.release()).toBe(true);
  await until('the key is reserved', async () => {
    return (await values('r')).every((value) => value === 'reserved:ghost');
  });
  expect(await other.tryAcquire('r', TTL)).toBeNull();
  expect(await rejectionOf(other.acquire('r', TTL, { wait: 0 }))).toMatchObject({
    code: 'RESOURCE_LOCKED',
  });
  expect(await foreign.tryAcquire('r', TTL)).toBeNull();
  const { nodes } = await other.inspect('r');
  expect(nodes.map(({ token }) => token)).toEqual([null, null, null]);
  for (const probe of deployment.probes) {
    expect(await probe.pttl('r')).toBeLessThanOrEqual(TTL);
    await probe.pexpire('r', 1);
  }
  const release = await foreign.acquire('r', TTL);
  expect(await other.tryAcquire('r', TTL)).toBeNull();
  await release();
});

test('a lock for which nobody waits publishes nothing', async () => {
  for (let index = 0; index < 10; index++) await got(holder.acquire('r', TTL));
  const held = await holder.acquire('r', TTL);
  expect(await held.release()).toBe(true);
  expect(await published()).toEqual([]);
  const again = await holder.acquire('r', TTL);
  const { lock } = await waiterFor('r', 1);
  expect(await again.release()).toBe(true);
  await got(lock);
  expect(await published()).not.toEqual([]);
});

test('an inspection tells how many processes wait, however many callers each has', async () => {
  const held = await holder.acquire('r', TTL);
  const { redlock, lock } = await waiterFor('r', 1);
  const second = redlock.acquire('r', TTL);
  const third = await waiterFor('r', 2);
  expect(await holder.inspect('r')).toMatchObject({ waiting: 2 });
  expect(await held.release()).toBe(true);
  await Promise.all([got(lock), got(second), got(third.lock)]);
  await stand('r', 0);
  expect(await holder.inspect('r')).toMatchObject({ waiting: 0 });
});

// Its queue would have to live for longer than a server can count.
test('a process that is never to poll waits in the queue', async () => {
  const held = await holder.acquire('r', TTL);
  const redlock = await readyRedlock(deployment, MAJOR, {
    wait: Infinity,
    retryDelay: Number.MAX_VALUE,
    retryJitter: 0,
  });
  const lock = redlock.acquire('r', TTL);
  let failure: unknown;
  redlock.on('nodeFailed', ({ error }) => (failure = error));
  const closed = rejectionOf(lock);
  await until('it waits, or fails', async () => {
    return failure !== undefined || (await deployment.node(0).probe.zcard('{r}:waiting')) > 0;
  });
  const { waiting } = await holder.inspect('r');
  await held.release();
  await redlock.close();
  await closed;
  expect(waiting).toBe(1);
});
