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
import type { RedlockOptions } from 'redlock-core';
import { lockOnAll, pace } from 'test-kit';
import {
  allows,
  documentedCommand,
  documentedRights,
  type Purpose,
} from './support/documented-rights.js';
import { RestrictedNodes } from './support/restricted-nodes.js';
import { expectRefused, useFakeIntervals } from './support/restrictions.js';
import { type Fixture, uses } from './support/uses.js';

const TTL = 60_000;

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

let nodes: RestrictedNodes;

beforeAll(async () => {
  nodes = await RestrictedNodes.start(ALL);
});

beforeEach(() => {
  useFakeIntervals();
  // ioredis prints that it may not ask for INFO.
  jest.spyOn(console, 'warn').mockReturnValue();
});

afterEach(async () => {
  await nodes.endClients();
  jest.useRealTimers();
  jest.restoreAllMocks();
});

afterAll(() => nodes[Symbol.asyncDispose]());

async function fixture(
  { woken, shares }: Pick<Fixture, 'woken' | 'shares'>,
  options: RedlockOptions = {},
): Promise<Fixture> {
  // No poll comes before the release is notified.
  const patience = woken ? { pollInterval: 10 * pace.limit } : {};
  const holder = await nodes.redlock({ ...options, ...patience });
  const [other, beside] = await nodes.pair({ ...options, ...patience });
  return { holder, other, beside, nodes, woken, shares };
}

describe.each(LEVELS)('permissions: a user with the rights for $purposes', (level) => {
  const { purposes, options } = level;

  test('can do all of it', async () => {
    await nodes.allow(await documentedRights(...purposes));
    const manner = { woken: purposes.includes('waiting'), shares: purposes.includes('sharing') };
    const used = await fixture(manner, options);
    await Promise.all(Object.values(uses).map((use) => use(used)));
    const refused = await nodes.refused();
    for (const right of await documentedRights(...purposes)) {
      expect([right, [...refused].filter((each) => allows(right, each))]).toEqual([right, []]);
    }
    // Another level's rights may be refused, but none that SECURITY.md does not list.
    for (const each of refused) expect(ALL.some((right) => allows(right, each))).toBe(true);
  });
});

test('permissions: the rights for quarantine suffice after a node has restarted without its data', async () => {
  await nodes.allow(ALL);
  const redlock = await nodes.redlock();
  // The node that restarts has been seen before.
  await lockOnAll(redlock, 'before', TTL);
  const quarantined = new Promise((resolve) => redlock.on('nodeQuarantined', resolve));
  await nodes.servers[0]?.start({ empty: true });
  await quarantined;
  expect(await (await redlock.acquire('after', TTL)).release()).toBe(true);
  expect(await nodes.refused()).toEqual(new Set());
});

test.each(ALL)('permissions: a user who lacks %s is refused', async (right) => {
  await nodes.allow(ALL.filter((each) => each !== right));
  await expectRefused(nodes, right, async () => {
    const used = await fixture({ woken: true, shares: true }, { nodeTimeout: pace.brief });
    await Promise.allSettled(Object.values(uses).map((use) => use(used)));
  });
});

test('permissions: the command in SECURITY.md gives a user the rights for everything', async () => {
  const [acl, setUser, name, on, password, ...rights] = await documentedCommand();
  expect([acl, setUser, name, on]).toEqual(['ACL', 'SETUSER', 'locker', 'on']);
  expect(password).toMatch(/^>/);
  expect(rights.toSorted()).toEqual(['resetchannels', ...ALL].toSorted());
});
