import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import { LockLostError, QuorumError, type AcquireOptions } from 'redlock-core';
import { settle } from '../support/settle.js';
import { TTL, world } from '../support/world.js';

/** One process holds the resources; another may take them over. */
async function heldByAnother(resources: string | string[] = 'r', options: AcquireOptions = {}) {
  const all = world(3, options);
  const lock = await all.redlock.acquire(resources, TTL);
  await settle();
  const adopter = all.process(options);
  const adopt = async (ttl = TTL, own: AcquireOptions = {}) => {
    const adopted = await adopter.redlock.adopt(resources, lock.token, ttl, own);
    await settle();
    return adopted;
  };
  return { ...all, lock, former: all.redlock, adopter, adopt };
}

test('adoption: adopt takes a lock over with its own token, fencing token and ttl, in two commands to each node', async () => {
  const { lock, adopter, adopt, holders, counters, expiries, everywhere } = await heldByAnother();
  const adopted = await adopt(2 * TTL);
  expect(adopter.nodes.map(({ commandCount }) => commandCount)).toEqual([2, 2, 2]);
  expect(adopted.resources).toEqual(['r']);
  expect(adopted.token).not.toBe(lock.token);
  expect(adopted.fencingToken).toBeGreaterThan(lock.fencingToken);
  expect(adopted.remaining()).toBe(20_000 - 202);
  expect(await holders()).toEqual(everywhere(adopted.token));
  expect(await counters()).toEqual(everywhere(adopted.fencingToken));
  expect(await expiries()).toEqual(everywhere(2 * TTL));
  expect(adopter.seen).toEqual([['acquired', { lock: adopted, waited: 0, attempts: 1 }]]);
  expect(await adopted.release()).toBe(true);
  expect(await holders()).toEqual(everywhere(null));
});

test('adoption: a lock that is taken over for a shorter time is released on a node that was away for longer than that', async () => {
  const { redlock, time, process, holders, everywhere } = world();
  const former = await redlock.acquire('r', 60 * TTL);
  await settle();
  const adopter = process();
  const lock = await adopter.redlock.adopt('r', former.token, TTL);
  await settle();
  adopter.c.disconnect();
  expect(await lock.release()).toBe(true);
  await time.advance(2 * TTL);
  adopter.c.connected();
  await settle();
  expect(await holders()).toEqual(everywhere(null));
});

test.each(['{job}:permit:007', '{job}:permit:1000', '{job}:permit:99999999999999999999'])(
  'adoption: adopt takes over %s, which has the form of a permit and is none',
  async (resource) => {
    const { adopt, holders, everywhere } = await heldByAnother(resource);
    const adopted = await adopt();
    expect(await holders(resource)).toEqual(everywhere(adopted.token));
  },
);

test('adoption: adopt without fencing raises no counter, and the fencing token is 0', async () => {
  const { adopt, holders, counters, everywhere } = await heldByAnother('r', { fencing: false });
  const adopted = await adopt();
  expect(adopted.fencingToken).toBe(0);
  expect(await holders()).toEqual(everywhere(adopted.token));
  expect(await counters()).toEqual(everywhere(null));
});

test('adoption: adopt does without a minority that lacks the key, and takes nothing there', async () => {
  const { adopt, servers, holders } = await heldByAnother();
  await servers[0]?.steal('r');
  const adopted = await adopt();
  expect(await holders()).toEqual([null, adopted.token, adopted.token]);
});

test.each([
  ['is missing', undefined],
  ["is another's", 'another'],
])(
  'adoption: adopt where the key %s rejects as NOT_HELD, and the rest is as it was',
  async (_, token) => {
    const { lock, adopter, adopt, servers, holders } = await heldByAnother();
    for (const server of servers.slice(0, 2)) await server.steal('r', token);
    const error = await rejectionOf(adopt());
    expect(error).toBeInstanceOf(LockLostError);
    expect(error).toMatchObject({
      code: 'LOCK_LOST',
      reason: 'NOT_HELD',
      resources: ['r'],
      votes: [
        { node: 'a', result: 'denied' },
        { node: 'b', result: 'denied' },
      ],
    });
    expect(JSON.stringify(error)).not.toContain(lock.token);
    await settle();
    expect(await holders()).toEqual([token ?? null, token ?? null, lock.token]);
    expect(adopter.names()).toEqual([]);
  },
);

test('adoption: adopt is one attempt, whatever `wait` says', async () => {
  const { adopter, adopt, steal, time } = await heldByAnother('r', { wait: Infinity });
  await steal();
  expect(await rejectionOf(adopt())).toBeInstanceOf(LockLostError);
  await time.advance(60_000);
  expect(adopter.nodes.map((node) => node.acquires)).toEqual([1, 1, 1]);
  expect(adopter.nodes.flatMap(({ subscriptions }) => subscriptions)).toEqual([]);
});

test('adoption: one that fails leaves the lock to its holder, with the longer expiry that it had', async () => {
  const { lock, adopter, adopt, holders, expiries, everywhere } = await heldByAnother();
  await lock.extend(10 * TTL);
  for (const node of [adopter.a, adopter.b]) node.fail();
  expect(await rejectionOf(adopt())).toBeInstanceOf(QuorumError);
  await settle();
  expect(await holders()).toEqual(everywhere(lock.token));
  expect(await expiries()).toEqual(everywhere(10 * TTL));
  expect(adopter.names()).toEqual(['nodeFailed', 'nodeFailed']);
});

test('adoption: one that nodes execute late is undone: the holder goes on, and a third gets nothing', async () => {
  const { lock, adopter, adopt, process, time, holders, everywhere } = await heldByAnother();
  for (const node of adopter.nodes) node.hold();
  const rejected = rejectionOf(adopt());
  await time.advance(600);
  expect(await rejected).toBeInstanceOf(QuorumError);
  for (const node of adopter.nodes) node.answer();
  await time.advance(10);
  expect(await holders()).toEqual(everywhere(lock.token));
  expect(await process().redlock.tryAcquire('r', TTL)).toBeNull();
  expect(lock.remaining()).toBeGreaterThan(0);
  expect((await adopt()).remaining()).toBeGreaterThan(0);
});

test('adoption: one that a node refuses to undo is undone after its ttl too, because keys expire later', async () => {
  const { lock, adopter, adopt, servers, time } = await heldByAnother();
  const [a, b, c] = servers;
  for (const server of [a, b]) await server?.steal('r', 'another');
  adopter.c.fail(new Error('NOREPLICAS Not enough good replicas.'), 'release');
  expect(await rejectionOf(adopt(1000))).toBeInstanceOf(LockLostError);
  await time.advance(4000);
  expect(await c?.holderOf('r')).not.toBe(lock.token);
  adopter.c.answer();
  await time.advance(3000);
  expect(await c?.holderOf('r')).toBe(lock.token);
});

test('adoption: one that is canceled as soon as it has succeeded restores token and expiry', async () => {
  const { adopter, adopt, lock, holders, expiries, everywhere } = await heldByAnother();
  const caller = new AbortController();
  const reason = new Error('gone');
  adopter.redlock.on('acquired', () => caller.abort(reason));
  expect(await rejectionOf(adopt(10 * TTL, { signal: caller.signal }))).toBe(reason);
  await settle();
  expect(await holders()).toEqual(everywhere(lock.token));
  expect(await expiries()).toEqual(everywhere(TTL));
});
