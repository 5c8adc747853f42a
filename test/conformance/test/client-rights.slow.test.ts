import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { pace, until } from 'test-kit';
import type { Topology } from '../src/index.js';
import { documentedRights, type Purpose } from './support/documented-rights.js';
import { RestrictedNodes, type UserOptions } from './support/restricted-nodes.js';
import { expectRefused } from './support/restrictions.js';

const TTL = 60_000;
const clients = ['ioredis 5', 'ioredis 6', 'iovalkey', 'redis 5', 'redis 6', 'GLIDE 2'];

beforeEach(() => {
  // ioredis prints that it may not ask for INFO.
  jest.spyOn(console, 'warn').mockReturnValue();
});

afterEach(() => {
  jest.restoreAllMocks();
});

function purposesOf(client: string, topology: Topology): Purpose[] {
  const purposes: Purpose[] = ['lock', 'fencing', 'quarantine', 'waiting'];
  if (client.startsWith('GLIDE')) purposes.push('GLIDE');
  return [...purposes, topology === 'cluster' ? 'Cluster' : 'database'];
}

/** One lock that another process waits for. */
async function handOver(nodes: RestrictedNodes, options: UserOptions): Promise<void> {
  const patience = { pollInterval: 10 * pace.limit, ...options };
  const [holder, waiter] = [await nodes.redlock(patience), await nodes.redlock(patience)];
  const lock = await holder.acquire('handed', TTL);
  const waiting = waiter.acquire('handed', TTL);
  await until('it is subscribed', async () => (await nodes.listeners()).includes(1));
  // Some clients connect as the default user if they are given a name in the wrong place.
  expect(await nodes.connections()).toBeGreaterThanOrEqual(3);
  await lock.extend();
  expect(await lock.release()).toBe(true);
  expect(await (await waiting).release()).toBe(true);
}

/** One lock whose slot of a Cluster moves to another master. */
async function moves(nodes: RestrictedNodes, options: UserOptions): Promise<void> {
  const redlock = await nodes.redlock({ ...options, nodeTimeout: pace.patient });
  const lock = await redlock.acquire('moved', TTL);
  const migration = await nodes.migrate('moved');
  await migration.moveKeys();
  await lock.extend();
  await migration.finish();
  expect(await lock.release()).toBe(true);
}

interface Need {
  readonly right: string;
  readonly client: string;
  readonly use?: typeof handOver;
  readonly quarantine?: boolean;
}

describe.each<{ topology: Topology; db?: number; needs: readonly Need[] }>([
  {
    topology: 'standalone',
    db: 1,
    needs: [
      { right: '+client|info', client: 'GLIDE 2' },
      { right: '+info', client: 'GLIDE 2', quarantine: false },
      { right: '+select', client: 'ioredis 6' },
    ],
  },
  {
    topology: 'cluster',
    needs: [
      { right: '+cluster|slots', client: 'ioredis 6' },
      { right: '+cluster|info', client: 'ioredis 6' },
      // ioredis leaves the refusal to unhandledRejection.
      { right: '+asking', client: 'redis 6', use: moves },
    ],
  },
])('on a $topology', ({ topology, db, needs }) => {
  let nodes: RestrictedNodes;
  beforeAll(async () => {
    nodes = await RestrictedNodes.start([], { topology, count: 1, ...(db && { db }) });
  });
  afterAll(() => nodes[Symbol.asyncDispose]());

  test.each(clients)('permissions: %s needs no other rights', async (client) => {
    await nodes.allow(await documentedRights(...purposesOf(client, topology)));
    await handOver(nodes, { client });
    if (topology === 'cluster') await moves(nodes, { client });
    // Clients try to give connections names, and go on without.
    const refused = [...(await nodes.refused())].filter((each) => !each.startsWith('client|set'));
    expect(refused).toEqual([]);
  });

  test.each(needs)('permissions: $client is refused without $right', async (need) => {
    const { right, client, use = handOver, quarantine = true } = need;
    const rights = await documentedRights(...purposesOf(client, topology));
    const others = rights.filter((each) => each !== right);
    expect(others).toHaveLength(rights.length - 1);
    await nodes.allow(others);
    // These nodes will not answer.
    const options = { client, quarantine, nodeTimeout: pace.brief };
    await expectRefused(nodes, right, () => use(nodes, options));
  });
});
