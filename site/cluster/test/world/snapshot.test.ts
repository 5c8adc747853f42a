import { expect, test } from '@jest/globals';
import { FORGETFUL_NODE } from '../../src/presets/forgetful-node.js';
import { KLEPPMANN_PAUSE } from '../../src/presets/kleppmann-pause.js';
import type { Preset } from '../../src/presets/preset.js';
import { Run } from '../../src/presets/run.js';
import { TAKING_TURNS } from '../../src/presets/taking-turns.js';
import { snapshotOf, type Snapshot } from '../../src/world/snapshot.js';

async function at(preset: Preset, time: number): Promise<Snapshot> {
  const run = new Run(preset, 1);
  await run.goTo(time);
  return snapshotOf(run.cluster);
}

test('shows whose key each node has, and who waits there, by arrival', async () => {
  const { nodes } = await at(TAKING_TURNS, 1900);
  for (const { key, queue } of nodes) {
    expect(key).toEqual({ client: 'A', left: expect.any(Number) });
    expect(queue.map(({ client }) => client)).toEqual(['B', 'C']);
  }
});

test('shows the validity that is left, and that it shrinks', async () => {
  const [earlier, later] = [await at(TAKING_TURNS, 800), await at(TAKING_TURNS, 1200)];
  const remaining = [earlier, later].map(({ clients }) => clients[0]?.lock?.remaining ?? 0);
  expect(remaining[0]).toBeCloseTo((remaining[1] ?? 0) + 400);
  expect(later.holders).toEqual(['A']);
});

test('shows which client that waits was notified', async () => {
  let notified: readonly unknown[] = [];
  for (let time = 2300; notified.length === 0 && time < 2500; time += 5) {
    const { nodes } = await at(TAKING_TURNS, time);
    notified = nodes
      .flatMap(({ queue }) => queue.filter(({ isNotified }) => isNotified))
      .map(({ client }) => client);
  }
  expect(new Set(notified)).toEqual(new Set(['B']));
});

test('shows who has a node in quarantine, and which paths are cut', async () => {
  const { nodes, cutPaths } = await at(FORGETFUL_NODE, 2400);
  expect(nodes.map(({ quarantinedBy }) => quarantinedBy.includes('B'))).toEqual(
    nodes.map(({ name }) => name === 'n3'),
  );
  expect(cutPaths).toEqual([
    { client: 'A', node: 'n4' },
    { client: 'A', node: 'n5' },
  ]);
});

test('shows a holder that is paused, until its validity is over', async () => {
  const early = await at(KLEPPMANN_PAUSE, 2000);
  expect(early.clients[0]).toMatchObject({ state: 'paused', lock: expect.any(Object) });
  const late = await at(KLEPPMANN_PAUSE, 4400);
  expect(late.clients[0]).toMatchObject({ state: 'paused', lock: null });
});

test('shows messages on their ways, each with what it is about', async () => {
  const { messages } = await at(TAKING_TURNS, 330);
  const asked = messages.filter(({ cargo }) => cargo === 'acquire');
  expect(asked.map(({ client, end }) => client + end)).toEqual(['An1', 'An2', 'An3', 'An4', 'An5']);
  for (const { direction, progress } of asked) {
    expect(direction).toBe('up');
    expect(progress).toBeGreaterThan(0);
    expect(progress).toBeLessThan(1);
  }
});
