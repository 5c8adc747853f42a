import { expect, test } from '@jest/globals';
import { Random } from 'test-kit/random';
import { Run } from '../../src/presets/run.js';
import { TAKING_TURNS } from '../../src/presets/taking-turns.js';
import { actionOf, type Action } from '../../src/world/action.js';
import type { Facts } from '../../src/world/facts.js';
import { snapshotOf } from '../../src/world/snapshot.js';
import { logOf } from '../play.js';

/** Lets a run go on in which somebody holds the lock, and then does something to it. */
async function disturbed(actions: readonly Action[], seed = 1): Promise<Run> {
  const run = new Run(TAKING_TURNS, seed);
  await run.goTo(1000);
  expect(run.cluster.holders).toEqual(['A']);
  for (const action of actions) run.act(action);
  return run;
}

function remainingOfA({ cluster }: Run): number {
  return cluster.client('A').remaining;
}

function grantsIn({ grants }: Facts): number {
  return grants.A + grants.B + grants.C;
}

test('with three of five nodes down nobody gets the lock, until one is back and its quarantine is over', async () => {
  const run = await disturbed([
    { part: 'n3', verb: 'kill' },
    { part: 'n4', verb: 'kill' },
    { part: 'n5', verb: 'kill' },
  ]);
  const { facts } = run.cluster.journal;
  await run.goTo(10_000);
  expect(grantsIn(facts)).toBe(1);
  run.act({ part: 'n3', verb: 'start' });
  await run.goTo(14_000);
  expect(grantsIn(facts)).toBe(1);
  await run.goTo(25_000);
  expect(grantsIn(facts)).toBeGreaterThan(2);
  expect(facts.mostHolders).toBe(1);
});

test('when a holder is killed, the next one gets the lock once the ttl is over', async () => {
  const run = await disturbed([{ part: 'A', verb: 'kill' }]);
  await run.goTo(3900);
  expect(run.cluster.holders).toEqual([]);
  await run.goTo(6000);
  expect(run.cluster.holders).toEqual(['B']);
  run.act({ part: 'A', verb: 'start' });
  await run.goTo(15_000);
  expect(run.cluster.journal.facts.grants.A).toBeGreaterThan(1);
});

test('a holder that is cut off stops trusting its lock before another one gets it', async () => {
  const run = await disturbed([{ part: 'A', verb: 'cut' }]);
  await run.goTo(20_000);
  const { facts } = run.cluster.journal;
  expect(facts.mostHolders).toBe(1);
  expect(facts.grants).toEqual({ A: 1, B: expect.any(Number), C: expect.any(Number) });
  run.act({ part: 'A', verb: 'join' });
  await run.goTo(40_000);
  expect(facts.grants.A).toBeGreaterThan(1);
});

test('a wall clock that is set forward ends the validity, and one that is set back prolongs nothing', async () => {
  const forward = await disturbed([
    { part: 'A', verb: 'forward' },
    { part: 'A', verb: 'forward' },
  ]);
  expect(forward.cluster.holders).toEqual([]);
  const before = await disturbed([]);
  const back = await disturbed([{ part: 'A', verb: 'back' }]);
  // Wall clocks show whole ms.
  expect(remainingOfA(back)).toBeLessThan(remainingOfA(before) + 1);
});

test('two nodes that are paused, or lose their replies, hold nobody up for long', async () => {
  const run = await disturbed([
    { part: 'n1', verb: 'pause' },
    { part: 'n2', verb: 'drop' },
  ]);
  const { facts } = run.cluster.journal;
  await run.goTo(15_000);
  expect(Object.values(facts.grants).every((grants) => grants > 0)).toBe(true);
  run.act({ part: 'n1', verb: 'resume' });
  run.act({ part: 'n2', verb: 'deliver' });
  await run.goTo(30_000);
  expect(snapshotOf(run.cluster).nodes.map(({ key }) => key === null)).not.toContain(
    run.cluster.holders.length > 0,
  );
});

test('while a path is cut, messages wait in its middle, and arrive when it is open again', async () => {
  const run = await disturbed([{ part: 'A-n2', verb: 'cut' }]);
  await run.goTo(3000);
  const waiting = (): number =>
    snapshotOf(run.cluster).messages.filter(
      ({ client, end, progress }) => client === 'A' && end === 'n2' && progress === 0.5,
    ).length;
  expect(waiting()).toBeGreaterThan(0);
  run.act({ part: 'A-n2', verb: 'join' });
  await run.goTo(3300);
  expect(waiting()).toBe(0);
});

test('whatever is done to clients and to two nodes, no two clients hold the lock', async () => {
  const onNodes = 'kill start empty pause resume cut join drop deliver forward back'.split(' ');
  const onClients = 'pause resume resume cut join join forward back'.split(' ');
  const deeds = [
    ...['n4', 'n5'].flatMap((part) => onNodes.flatMap((verb) => actionOf(part, verb) ?? [])),
    ...['A', 'B', 'C'].flatMap((part) => onClients.flatMap((verb) => actionOf(part, verb) ?? [])),
  ];
  let grants = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const random = new Random(seed, 9);
    const run = new Run(TAKING_TURNS, seed);
    while (run.time < 40_000) {
      await run.goTo(run.time + random.integer(50, 900));
      for (const action of random.shuffled(deeds).slice(0, 1)) run.act(action);
    }
    const { facts } = run.cluster.journal;
    grants += grantsIn(facts);
    expect(facts.mostHolders === 1 ? [] : logOf(run)).toEqual([]);
  }
  expect(grants).toBeGreaterThan(24);
});
