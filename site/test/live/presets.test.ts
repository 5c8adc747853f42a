import { expect, test } from '@jest/globals';
import { PRESETS } from '../../.vitepress/theme/live/presets.js';
import type { Cluster } from '../../.vitepress/theme/live/world/cluster.js';
import { logOf, play, presetOf } from './play.js';

const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);

/** Plays a preset with each seed, and compares how it has ended. */
async function expectOfEach(title: string, look: (cluster: Cluster) => object): Promise<void> {
  const ends: object[] = [];
  for (const seed of SEEDS) {
    const cluster = await play(presetOf(title), seed);
    ends.push({ seed, isOver: cluster.isOver, ...look(cluster) });
  }
  const [first] = ends;
  expect(ends).toEqual(SEEDS.map((seed) => ({ ...first, seed, isOver: true })));
}

test('taking turns: each client has the lock twice, waiters are notified, and no two clients hold it', async () => {
  await expectOfEach('Taking turns', ({ journal: { facts } }) => {
    expect(Object.values(facts.notifications).every((count) => count > 0)).toBe(true);
    expect(facts.doubleHoldings).toBe(0);
    return { refused: facts.refusedWrites };
  });
});

test('the pause: the late write of the paused holder is refused, and those of the next holder are not', async () => {
  await expectOfEach('The pause', ({ journal: { facts } }) => {
    expect(facts.doubleHoldings).toBe(0);
    expect(facts.writes.B).toBeGreaterThan(0);
    return { refused: facts.refusedWrites, losses: facts.losses };
  });
});

test('a node that forgets: it is put in quarantine, and no two clients hold the lock', async () => {
  await expectOfEach('A node that forgets', ({ journal: { facts } }) => {
    expect(facts.quarantines).toBeGreaterThan(0);
    expect(facts.grants.B).toBe(1);
    return { doubleHoldings: facts.doubleHoldings };
  });
});

test('without quarantine: two clients hold the lock, and the storage refuses writes of the first', async () => {
  await expectOfEach('Without quarantine', ({ journal: { facts, entries } }) => {
    expect(facts.quarantines).toBe(0);
    expect(facts.refusedWrites.A).toBeGreaterThan(0);
    expect(facts.refusedWrites.B).toBe(0);
    return {
      doubleHoldings: facts.doubleHoldings,
      alarms: entries.filter(({ tone }) => tone === 'alarm').map(({ text }) => text),
    };
  });
});

test('two of five down: all clients continue with the other three nodes', async () => {
  await expectOfEach('Two of five down', ({ journal: { facts }, servers }) => {
    expect(facts.doubleHoldings).toBe(0);
    return { states: servers.map(({ state }) => state) };
  });
});

test('split vote: at first no client has a quorum, and then each client has the lock', async () => {
  await expectOfEach('Split vote', ({ journal: { facts, entries } }) => {
    expect(facts.splitVotes).toBeGreaterThan(1);
    expect(facts.doubleHoldings).toBe(0);
    return { first: entries[0]?.text.replace(/: . got \d/, '') };
  });
});

test('one seed gives one run, whatever the steps in which time passes', async () => {
  for (const preset of PRESETS) {
    const cluster = await play(preset, 7);
    const log = logOf(cluster);
    const again = await play(preset, 7);
    expect(logOf(again)).toEqual(log);
    expect(logOf(await play(preset, 8))).not.toEqual(log);
    for (let end = cluster.now; again.now < cluster.now + 2000;) await again.run((end += 17));
    await cluster.run(again.now);
    expect(logOf(again)).toEqual(logOf(cluster));
  }
});
