import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { Deployment, isReady } from 'test-kit';

const TTL = 60_000;
const PLAIN = { fencing: false, wait: 0 } as const;

let deployment: Deployment;
let server: Redis;
let redlock: Redlock;

beforeAll(async () => {
  deployment = await Deployment.start(1, { config: { appendonly: 'no' } });
  server = deployment.node(0).probe;
  const client = deployment.client(6, 0);
  await isReady(client);
  redlock = new Redlock([ioredisNode(client)]);
});

afterAll(async () => {
  await redlock.close();
  await deployment[Symbol.asyncDispose]();
});

beforeEach(async () => {
  await server.flushall();
  await server.config('RESETSTAT');
});

/** How often the server has run a command, also from a script. */
async function calls(command: string): Promise<number> {
  const stats = await server.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

test('a lone grant without fencing is one SET, by no script', async () => {
  const lock = await redlock.acquire('r', TTL, PLAIN);
  expect(await server.get('r')).toBe(lock.token);
  expect(await server.pttl('r')).toBeGreaterThan(TTL - 10_000);
  expect([await calls('set'), await calls('eval'), await calls('evalsha')]).toEqual([1, 0, 0]);
  expect(await redlock.tryAcquire('r', TTL, { fencing: false })).toBeNull();
  expect(await lock.release()).toBe(true);
  expect(await server.keys('*')).toEqual([]);
});

test.each([
  ['another owner', async () => void (await server.set('r', 'other', 'PX', TTL))],
  ['an empty value', async () => void (await server.set('r', ''))],
  ['a long value', async () => void (await server.set('r', 'é'.repeat(100)))],
  ['a key that is no string', async () => void (await server.rpush('r', 'x'))],
])('%s denies it, and stays as it is', async (_, occupy) => {
  await occupy();
  const before = [await server.type('r'), await server.dump('r')];
  expect(await redlock.tryAcquire('r', TTL, { fencing: false })).toBeNull();
  expect([await server.type('r'), await server.dump('r')]).toEqual(before);
});

test('a waiter that it denied has the lock when the ttl of a dead holder ends', async () => {
  await server.set('r', 'dead', 'PX', 600);
  const lock = await redlock.acquire('r', TTL, { fencing: false });
  expect(await server.get('r')).toBe(lock.token);
  expect(await lock.release()).toBe(true);
});
