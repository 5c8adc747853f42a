import { expect, test } from '@jest/globals';
import { Random } from 'test-kit/random';
import { Cluster } from '../../.vitepress/theme/live/world/cluster.js';
import { deedsOf, type Verb } from '../../.vitepress/theme/live/world/deeds.js';
import type { Client } from '../../.vitepress/theme/live/world/client.js';
import type { ClientName, PartName } from '../../.vitepress/theme/live/world/parts.js';
import type { Path } from '../../.vitepress/theme/live/world/network.js';
import { logOf, presetOf } from './play.js';

const TAKING_TURNS = presetOf('Taking turns');

/** A run in which A holds the lock, and then something is done to it. */
async function disturbed(...deeds: readonly (readonly [PartName, Verb])[]): Promise<Cluster> {
  const cluster = new Cluster(TAKING_TURNS, 1);
  await cluster.run(1000);
  expect(cluster.holders).toEqual(['A']);
  for (const [part, verb] of deeds) cluster.act(part, verb);
  return cluster;
}

function clientOf({ clients }: Cluster, name: ClientName): Client | undefined {
  return clients.find((client) => client.name === name);
}

function grantsIn({ journal }: Cluster): number {
  return Object.values(journal.facts.grants).reduce((sum, count) => sum + count, 0);
}

test('with three of five nodes down no client gets the lock, until one is reachable and its quarantine has ended', async () => {
  const cluster = await disturbed(['n3', 'kill'], ['n4', 'kill'], ['n5', 'kill']);
  await cluster.run(10_000);
  expect(grantsIn(cluster)).toBe(1);
  cluster.act('n3', 'start');
  await cluster.run(14_000);
  expect(grantsIn(cluster)).toBe(1);
  await cluster.run(25_000);
  expect(grantsIn(cluster)).toBeGreaterThan(2);
  expect(cluster.journal.facts.doubleHoldings).toBe(0);
});

test('when a holder is killed, the next client gets the lock once the ttl has expired', async () => {
  const cluster = await disturbed(['A', 'kill']);
  await cluster.run(3900);
  expect(cluster.holders).toEqual([]);
  await cluster.run(6000);
  expect(cluster.holders).toEqual(['B']);
  cluster.act('A', 'start');
  await cluster.run(15_000);
  expect(cluster.journal.facts.grants.A).toBeGreaterThan(1);
});

test('a holder that is cut off stops trusting its lock before another client gets it', async () => {
  const cluster = await disturbed(['A', 'cut']);
  await cluster.run(20_000);
  const { facts } = cluster.journal;
  expect(facts.doubleHoldings).toBe(0);
  expect(facts.grants.A).toBe(1);
  expect(facts.grants.B).toBeGreaterThan(0);
  cluster.act('A', 'join');
  await cluster.run(40_000);
  expect(facts.grants.A).toBeGreaterThan(1);
});

test('a wall clock that is set forward ends the validity, and one that is set back does not prolong it', async () => {
  expect((await disturbed(['A', 'forward'], ['A', 'forward'])).holders).toEqual([]);
  const remaining = async (...deeds: [PartName, Verb][]): Promise<number> =>
    clientOf(await disturbed(...deeds), 'A')?.remaining ?? 0;
  // Wall clocks show whole ms.
  expect(await remaining(['A', 'back'])).toBeLessThan((await remaining()) + 1);
});

test('two nodes that are paused or cut off do not stop the clients, and recover', async () => {
  const cluster = await disturbed(['n1', 'pause'], ['n2', 'cut']);
  await cluster.run(15_000);
  expect(Object.values(cluster.journal.facts.grants).every((grants) => grants > 0)).toBe(true);
  cluster.act('n1', 'resume');
  cluster.act('n2', 'join');
  await cluster.run(40_000);
  const before = cluster.journal.entries.length;
  await cluster.run(60_000);
  const texts = cluster.journal.entries.slice(before).map(({ text }) => text);
  expect(texts.filter((text) => text.includes('cannot use'))).toEqual([]);
});

test('while a path is cut, messages wait in its middle, and arrive when it is connected again', async () => {
  const cluster = await disturbed(['A–n2', 'cut']);
  await cluster.run(3000);
  const path = cluster.part('A–n2') as Path;
  expect(path.held.length).toBeGreaterThan(0);
  expect(path.held.map((message) => cluster.network.progress(message))).toContain(0.5);
  cluster.act('A–n2', 'join');
  await cluster.run(3300);
  expect(path.held).toEqual([]);
});

test('a deed that would change nothing is not done', async () => {
  const cluster = await disturbed(['n1', 'resume'], ['n1', 'start'], ['A', 'join']);
  expect(cluster.journal.entries.filter(({ tone }) => tone === 'deed')).toEqual([]);
});

test('whatever is done to clients and to two nodes, no two clients hold the lock', async () => {
  let grants = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const random = new Random(seed, 9);
    const cluster = new Cluster(TAKING_TURNS, seed);
    while (cluster.now < 40_000) {
      await cluster.run(cluster.now + random.integer(50, 900));
      const part = random.pick<PartName>(['n4', 'n5', 'A', 'B', 'C']);
      const verbs = [...deedsOf(cluster.part(part)).keys()];
      const isNode = part.startsWith('n');
      const [verb] = random.shuffled(verbs.filter((each) => isNode || each !== 'kill'));
      if (verb) cluster.act(part, verb);
    }
    grants += grantsIn(cluster);
    expect(cluster.journal.facts.doubleHoldings === 0 ? [] : logOf(cluster)).toEqual([]);
  }
  expect(grants).toBeGreaterThan(24);
});
