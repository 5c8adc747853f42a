import { expect, test } from '@jest/globals';
import { FORGETFUL_NODE, WITHOUT_QUARANTINE } from '../../src/presets/forgetful-node.js';
import { KLEPPMANN_PAUSE } from '../../src/presets/kleppmann-pause.js';
import type { Preset } from '../../src/presets/preset.js';
import { PRESETS } from '../../src/presets/presets.js';
import { SPLIT_VOTE } from '../../src/presets/split-vote.js';
import { TAKING_TURNS } from '../../src/presets/taking-turns.js';
import { TWO_DOWN } from '../../src/presets/two-down.js';
import type { Cluster } from '../../src/world/cluster.js';
import { logOf, play } from '../play.js';

const SEEDS = Array.from({ length: 8 }, (_, index) => index + 1);

/** Plays a preset with each seed, and looks at how it has ended. */
async function expectOfEach(preset: Preset, look: (cluster: Cluster) => object): Promise<void> {
  const ends: object[] = [];
  for (const seed of SEEDS) {
    const run = await play(preset, seed);
    ends.push({ seed, isOver: run.endedAt !== null, ...look(run.cluster) });
  }
  const [first] = ends;
  expect(ends).toEqual(SEEDS.map((seed) => ({ ...first, seed, isOver: true })));
}

test('taking turns: each client has the lock twice, whoever waits is called, and no two hold it', async () => {
  await expectOfEach(TAKING_TURNS, ({ journal: { facts }, clients }) => {
    expect(clients.map(({ name }) => facts.calls[name] > 0)).toEqual([true, true, true]);
    expect(facts.mostHolders).toBe(1);
    return { refused: facts.refusedWrites };
  });
});

test('the pause: the late write of the paused holder is refused, and those of the next holder are not', async () => {
  await expectOfEach(KLEPPMANN_PAUSE, ({ journal: { facts } }) => {
    expect(facts.mostHolders).toBe(1);
    expect(facts.writes.B).toBeGreaterThan(0);
    return { refused: facts.refusedWrites, losses: facts.losses };
  });
});

test('a node that forgets: it is put in quarantine, and no two clients hold the lock', async () => {
  await expectOfEach(FORGETFUL_NODE, ({ journal: { facts } }) => {
    expect(facts.quarantines).toBeGreaterThan(0);
    expect(facts.grants.B).toBe(1);
    return { mostHolders: facts.mostHolders };
  });
});

test('without quarantine: two clients hold the lock, and the storage refuses writes of the first', async () => {
  await expectOfEach(WITHOUT_QUARANTINE, ({ journal: { facts, entries } }) => {
    expect(facts.quarantines).toBe(0);
    expect(facts.refusedWrites.A).toBeGreaterThan(0);
    expect(facts.refusedWrites.B).toBe(0);
    return {
      doubleHoldings: facts.doubleHoldings,
      mostHolders: facts.mostHolders,
      alarms: entries.filter(({ tone }) => tone === 'alarm').map(({ text }) => text),
    };
  });
});

test('two of five down: all clients go on with the other three', async () => {
  await expectOfEach(TWO_DOWN, ({ journal: { facts }, servers }) => {
    expect(facts.mostHolders).toBe(1);
    return { states: servers.map(({ state }) => state) };
  });
});

test('split vote: at first nobody has a quorum, and then each client has the lock', async () => {
  await expectOfEach(SPLIT_VOTE, ({ journal: { facts, entries } }) => {
    expect(facts.splitVotes).toBeGreaterThan(1);
    expect(facts.mostHolders).toBe(1);
    return { first: entries[0]?.text.replace(/: . got \d/, '') };
  });
});

test('one seed gives one run', async () => {
  for (const preset of PRESETS) {
    const log = logOf(await play(preset, 7));
    expect(logOf(await play(preset, 7))).toEqual(log);
    expect(logOf(await play(preset, 8))).not.toEqual(log);
  }
});
