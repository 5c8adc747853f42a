import { expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import type { Lock } from 'redlock-core';
import { grants, knownWorld, restart, unknownNode } from '../support/restart.js';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { TestServer } from '../support/test-server.js';
import { redlockOver, TTL } from '../support/world.js';

const NO_WAIT = { wait: 0 };
const quarantined = {
  result: 'failed',
  error: { code: 'QUARANTINED', message: expect.stringMatching(/count again in \d+ ms/) },
};

/** One known node, whose server has just restarted without data. */
async function restarted(options = {}) {
  const one = await knownWorld(1, options);
  restart(one.a);
  await settle();
  return one;
}

test('quarantine: a node that restarted without its data counts as failed, whether it grants or denies', async () => {
  const { redlock, a, b, c } = await knownWorld();
  a.fail();
  restart(b);
  const failed = { code: 'QUORUM_UNAVAILABLE', votes: [{}, quarantined] };
  expect(await rejectionOf(redlock.acquire('r', TTL, NO_WAIT))).toMatchObject(failed);
  for (const { server } of [b, c]) await server.steal('r', 'theirs');
  expect(await rejectionOf(redlock.acquire('r', TTL, NO_WAIT))).toMatchObject(failed);
});

test('quarantine: a node that restarted without its data counts again after the longest ttl in use, that of the attempt included', async () => {
  const { time, grants: granted, seen } = await restarted();
  expect(seen).toEqual([['nodeQuarantined', { node: 'a', duration: 5000 }]]);
  await time.advance(4999);
  // Only the wall clock goes on.
  time.suspend(60_000);
  expect(await granted()).toBe('QUARANTINED');
  await time.advance(1);
  expect(await granted()).toBe(true);
  expect(await granted(7000)).toBe('QUARANTINED');
  await time.advance(2000);
  expect(await granted(7000)).toBe(true);
});

test.each([
  ['an extension', (lock: Lock) => lock.extend(8000)],
  ['keepFor', (lock: Lock) => lock.release({ keepFor: 8000 })],
])('quarantine: that of a node lasts as long as the ttl of %s', async (_, use) => {
  const { redlock, time, a, grants: granted } = await knownWorld(1);
  await use(await redlock.acquire('other', 1000));
  restart(a);
  await time.advance(7999);
  expect(await granted()).toBe('QUARANTINED');
  await time.advance(1);
  expect(await granted()).toBe(true);
});

test('quarantine: that of a node begins again with a second restart', async () => {
  const { time, a, grants: granted, seen } = await restarted();
  await time.advance(4000);
  restart(a);
  await time.advance(4000);
  expect(await granted()).toBe('QUARANTINED');
  const event = ['nodeQuarantined', { node: 'a', duration: 5000 }];
  expect(seen.filter(([name]) => name === 'nodeQuarantined')).toEqual([event, event]);
  await time.advance(1000);
  expect(await granted()).toBe(true);
});

test('quarantine: that of a node ends with one event, later if a longer ttl is used in it', async () => {
  const { redlock, time, seen, names } = await restarted();
  await redlock.tryAcquire('other', 20_000).catch(() => {});
  await time.advance(19_999);
  expect(names()).not.toContain('nodeTrusted');
  await time.advance(1);
  expect(seen.at(-1)).toEqual(['nodeTrusted', { node: 'a' }]);
  await time.advance(60_000);
  expect(names().filter((name) => name === 'nodeTrusted')).toHaveLength(1);
});

test('quarantine: that of a node has no event after close(), and its timer keeps no process alive', async () => {
  const { redlock, time, names } = await restarted();
  await time.advance(1000);
  expect(time.holding).toEqual([]);
  await redlock.close();
  await time.advance(60_000);
  expect(names()).not.toContain('nodeTrusted');
});

test('quarantine: a node in it has recovered once it answers, and that is one event', async () => {
  const { a, grants: granted, names } = await knownWorld(1);
  a.fail();
  expect(await granted()).toBe('CONNECTION');
  a.mode = 'answer';
  restart(a);
  for (let i = 0; i < 3; i++) expect(await granted()).toBe('QUARANTINED');
  expect(names()).toEqual(['nodeFailed', 'nodeQuarantined', 'nodeRecovered']);
});

test('quarantine: false trusts every node and does not ask who it is', async () => {
  const { a, grants: granted } = await restarted({ quarantine: false });
  expect(await granted()).toBe(true);
  expect(a.questions).toEqual([]);
});

test('errors: the error of an attempt names the node in quarantine, the reason and the remaining time', async () => {
  const { redlock, time } = await restarted();
  await time.advance(1000);
  const error = await rejectionOf(redlock.acquire('r', 1000, NO_WAIT));
  expect(String(error)).toMatch(
    /^QuorumError: Cannot lock "r": no quorum, because node a started or was replaced lately, may have lost locks, and is in quarantine for another 4000 ms\. Retry later\. Votes: /,
  );
  const message = expect.stringMatching(/^its grants count again in 4000 ms: /);
  expect(error).toMatchObject({ votes: [{ error: { message } }] });
});

test('errors: the error of an attempt names the shortest time that helps, and other nodes that failed', async () => {
  const { redlock, time, a, b, c } = await knownWorld();
  restart(a);
  await time.advance(1000);
  restart(c);
  await settle();
  b.mode = 'hold';
  expect(String(await rejectionOf(redlock.acquire('r', 1000, NO_WAIT)))).toMatch(
    / because nodes a, c started .* are in quarantine for another 4000 ms\. Retry later\. Votes: /,
  );
  b.fail();
  await time.advance(4000);
  expect(String(await rejectionOf(redlock.acquire('r', 1000, NO_WAIT)))).toMatch(
    / because node c started .* for another 1000 ms\. Retry later\. Check the other nodes that failed\. Votes: /,
  );
});

test('errors: the error of an attempt does not blame the quarantine if enough other nodes failed', async () => {
  const { redlock, a, b, c } = await knownWorld();
  for (const node of [a, b]) node.fail();
  restart(c);
  c.mode = 'hold';
  const error = await rejectionOf(redlock.acquire('r', 1000, NO_WAIT));
  expect(String(error)).toMatch(/: Cannot lock "r": no quorum, because too many nodes failed\./);
});

test.each([
  { uptime: 1, life: 1999, trusted: true },
  { uptime: 1, life: 2000, trusted: false },
  { uptime: 3600, life: 10_000, trusted: true },
])(
  'quarantine: a server up for $uptime s is trusted by a Redlock of $life ms: $trusted',
  async ({ uptime, life, trusted }) => {
    const { runtime, node, seen, grants: granted } = unknownNode({}, uptime);
    await runtime.advance(life);
    node.connected();
    expect(await granted()).toBe(trusted || 'QUARANTINED');
    const events = seen.filter(([event]) => event === 'nodeQuarantined');
    expect(events).toHaveLength(trusted ? 0 : 1);
    expect(node.questions).toHaveLength(1);
  },
);

test('quarantine: a server that restarted while this process was suspended is not trusted', async () => {
  const { runtime, node, grants: granted } = unknownNode({}, 60);
  runtime.suspend(3_600_000);
  node.connected();
  expect(await granted()).toBe('QUARANTINED');
});

const STRICT = { quarantine: 'strict', quarantineTime: 10_000 } as const;

test("quarantine: 'strict' trusts no server until it is up for quarantineTime", async () => {
  const { runtime, node, seen, grants: granted } = unknownNode(STRICT, 4);
  node.connected();
  expect(await granted()).toBe('QUARANTINED');
  // The server may be up for a second less than it says.
  expect(seen).toContainEqual(['nodeQuarantined', { node: 'a', duration: 7000 }]);
  await runtime.advance(6999);
  expect(await granted()).toBe('QUARANTINED');
  await runtime.advance(1);
  expect(await granted()).toBe(true);
});

test('quarantine: that of a Cluster begins when one of its masters restarts, and not when one leaves', async () => {
  const masters = [new TestServer(), new TestServer()];
  const callMasters = async (): Promise<string[]> => masters.map(({ info }) => info);
  const node = new TestNode('a', { cluster: true, callMasters });
  const { redlock, runtime } = redlockOver([node]);
  expect(await grants(redlock)).toBe(true);
  masters[1]?.restart();
  node.connected();
  expect(await grants(redlock)).toBe('QUARANTINED');
  await runtime.advance(5000);
  expect(await grants(redlock)).toBe(true);
  masters.pop();
  node.connected();
  expect(await grants(redlock)).toBe(true);
});

test('quarantine: a Cluster without a master that answers does not count', async () => {
  const node = new TestNode('a', { cluster: true, callMasters: async () => [] });
  expect(await grants(redlockOver([node]).redlock)).toBe('IDENTITY_UNKNOWN');
});
