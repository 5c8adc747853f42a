import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { RedlockOptions } from 'redlock-core';
import { pace, until } from 'test-kit';
import type { Topology } from '../src/index.js';
import {
  allows,
  documentedCommand,
  documentedRights,
  type Purpose,
} from './support/documented-rights.js';
import { type NodesOptions, RestrictedNodes } from './support/restricted-nodes.js';
import { type Fixture, uses } from './support/uses.js';

const TTL = 60_000;

/** For nodes that will not answer. */
const brief = { nodeTimeout: pace.brief };

/** The uses of a Redlock that a set of rights allows. */
const LEVELS: readonly { purposes: readonly Purpose[]; options: RedlockOptions }[] = [
  { purposes: ['lock'], options: { fencing: false, quarantine: false } },
  { purposes: ['lock', 'fencing'], options: { quarantine: false } },
  { purposes: ['lock', 'quarantine'], options: { fencing: false } },
  { purposes: ['lock', 'waiting'], options: { fencing: false, quarantine: false } },
  { purposes: ['lock', 'waiting', 'sharing'], options: { fencing: false, quarantine: false } },
  { purposes: ['lock', 'fencing', 'quarantine', 'waiting', 'sharing'], options: {} },
];

const ALL = await documentedRights('lock', 'fencing', 'quarantine', 'waiting', 'sharing');

beforeEach(() => {
  // ioredis prints that it may not ask for INFO.
  jest.spyOn(console, 'warn').mockReturnValue();
});

afterEach(() => {
  jest.restoreAllMocks();
});

async function fixtureOn(
  nodes: RestrictedNodes,
  { woken, shares }: Pick<Fixture, 'woken' | 'shares'>,
  options: RedlockOptions = {},
): Promise<Fixture> {
  // No poll comes before the release is heard of.
  const patience = woken ? { retryDelay: 10 * pace.limit } : {};
  const holder = await nodes.redlock({ ...options, ...patience });
  const other = await nodes.redlock({ ...options, ...patience });
  return { holder, other, nodes, woken, shares };
}

/** A user who lacks one right is refused something for it. Most uses then fail, or wait until they are closed. */
async function misses(
  right: string,
  rights: readonly string[],
  options: NodesOptions,
  use: (nodes: RestrictedNodes) => Promise<void>,
): Promise<void> {
  const nodes = await RestrictedNodes.start(rights, options);
  const ended = use(nodes).catch(() => {});
  try {
    await until(`${right} is missed`, async () => {
      return [...(await nodes.refused())].some((refused) => allows(right, refused));
    });
  } finally {
    await nodes[Symbol.asyncDispose]();
    await ended;
  }
}

describe.each(LEVELS)('a user with the rights for $purposes', ({ purposes, options }) => {
  test('may do all of it', async () => {
    await using nodes = await RestrictedNodes.start(await documentedRights(...purposes));
    const manner = { woken: purposes.includes('waiting'), shares: purposes.includes('sharing') };
    const fixture = await fixtureOn(nodes, manner, options);
    await Promise.all(Object.values(uses).map((use) => use(fixture)));
    const refused = await nodes.refused();
    for (const right of await documentedRights(...purposes)) {
      expect([right, [...refused].filter((each) => allows(right, each))]).toEqual([right, []]);
    }
    // Another level's rights may be missed, but none that SECURITY.md does not know.
    for (const each of refused) expect(ALL.some((right) => allows(right, each))).toBe(true);
  });
});

test('a user with the rights for quarantine goes on when a node has restarted without its data', async () => {
  await using nodes = await RestrictedNodes.start(ALL);
  const redlock = await nodes.redlock();
  await (await redlock.acquire('before', TTL)).release();
  const told: string[] = [];
  redlock.on('nodeQuarantined', ({ node }) => void told.push(node));
  await nodes.servers[0]?.start({ empty: true });
  await until('it is told', () => told.length > 0);
  expect(await (await redlock.acquire('after', TTL)).release()).toBe(true);
  expect(await nodes.refused()).toEqual(new Set());
});

test.each(ALL)('%s is needed', async (right) => {
  const rights = ALL.filter((each) => each !== right);
  await misses(right, rights, {}, async (nodes) => {
    const fixture = await fixtureOn(nodes, { woken: true, shares: true }, brief);
    await Promise.allSettled(Object.values(uses).map((use) => use(fixture)));
  });
});

test('the command in SECURITY.md gives a user the rights for everything', async () => {
  const [acl, setUser, name, on, password, ...rights] = await documentedCommand();
  expect([acl, setUser, name, on]).toEqual(['ACL', 'SETUSER', 'locker', 'on']);
  expect(password).toMatch(/^>/);
  expect(rights.toSorted()).toEqual(['resetchannels', ...ALL].toSorted());
});

const clients = ['ioredis 5', 'ioredis 6', 'iovalkey', 'redis 5', 'redis 6', 'GLIDE 2'];
const topologies = ['standalone', 'cluster'] as const;

function purposesOf(client: string, topology: Topology): Purpose[] {
  const purposes: Purpose[] = ['lock', 'fencing', 'quarantine', 'waiting'];
  if (client.startsWith('GLIDE')) purposes.push('GLIDE');
  return [...purposes, topology === 'cluster' ? 'Cluster' : 'database'];
}

/** One lock that another process waits for. */
async function handOver(nodes: RestrictedNodes, options: RedlockOptions = {}): Promise<void> {
  const patience = { retryDelay: 10 * pace.limit, ...options };
  const [holder, waiter] = [await nodes.redlock(patience), await nodes.redlock(patience)];
  const lock = await holder.acquire('handed', TTL);
  const waiting = waiter.acquire('handed', TTL);
  await until('it listens', async () => (await nodes.listeners('handed')).includes(1));
  // Some clients connect as the default user if they are told a name in the wrong place.
  expect(await nodes.connections()).toBeGreaterThanOrEqual(3);
  await lock.extend();
  expect(await lock.release()).toBe(true);
  expect(await (await waiting).release()).toBe(true);
}

function trusting(nodes: RestrictedNodes): Promise<void> {
  return handOver(nodes, { ...brief, quarantine: false });
}

/** One lock whose slot of a Cluster moves to another master. */
async function moves(nodes: RestrictedNodes): Promise<void> {
  const redlock = await nodes.redlock();
  const lock = await redlock.acquire('moved', TTL);
  const migration = await nodes.migrate('moved');
  await migration.moveKeys();
  await lock.extend();
  await migration.finish();
  expect(await lock.release()).toBe(true);
}

describe.each(topologies)('on a %s', (topology) => {
  const db = topology === 'standalone' ? 1 : undefined;
  const one = { topology, count: 1, ...(db !== undefined && { db }) };

  test.each(clients)('%s needs no other rights', async (client) => {
    const rights = await documentedRights(...purposesOf(client, topology));
    await using nodes = await RestrictedNodes.start(rights, { ...one, client });
    await handOver(nodes);
    if (topology === 'cluster') await moves(nodes);
    // Clients try to give connections names, and go on without.
    const refused = [...(await nodes.refused())].filter((each) => !each.startsWith('client|set'));
    expect(refused).toEqual([]);
  });
});

test.each<{
  right: string;
  client: string;
  topology: Topology;
  use?: (nodes: RestrictedNodes) => Promise<void>;
}>([
  { right: '+client|info', client: 'GLIDE 2', topology: 'standalone' },
  { right: '+info', client: 'GLIDE 2', topology: 'standalone', use: trusting },
  { right: '+cluster|slots', client: 'ioredis 6', topology: 'cluster' },
  { right: '+cluster|info', client: 'ioredis 6', topology: 'cluster' },
  // ioredis does not handle the refusal, and the process would hear of it.
  { right: '+asking', client: 'redis 6', topology: 'cluster', use: moves },
  { right: '+select', client: 'ioredis 6', topology: 'standalone' },
])('$right is needed by $client on a $topology', async ({ right, client, topology, use }) => {
  const rights = await documentedRights(...purposesOf(client, topology));
  const db = topology === 'standalone' ? { db: 1 } : {};
  const others = rights.filter((each) => each !== right);
  expect(others).toHaveLength(rights.length - 1);
  const nodesOptions = { topology, client, count: 1, ...db };
  await misses(right, others, nodesOptions, use ?? ((nodes) => handOver(nodes, brief)));
});
