import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { bundle } from '../src/campaign/bundle.js';
import { campaign } from '../src/campaign/campaign.js';
import { judge } from '../src/mutants/mutant-table.js';
import type { Mutant } from '../src/mutants/mutant.js';
import { MUTANTS } from '../src/mutants/mutants.js';
import { SimulationWorker } from '../src/campaign/simulation-worker.js';
import { drawStory } from '../src/story/story-svg.js';
import { tellStory } from '../src/story/story-text.js';
import type { Report, Task } from '../src/campaign/task.js';

const CORE = new URL('../../../packages/redlock-core/src/', import.meta.url);

function mutantNamed(name: string): Mutant {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (!mutant) throw new Error(`No mutant ${name}`);
  return mutant;
}

async function performed(file: string, task: Task) {
  const worker = new SimulationWorker(file);
  try {
    return await worker.perform(task);
  } finally {
    await worker.close();
  }
}

test('300 schedules break no promise', async () => {
  const file = await bundle();
  const { failure, schedules } = await campaign(file, { first: 1, count: 300, workers: 2 });
  expect(failure && tellStory(failure)).toBeNull();
  expect(schedules).toBe(300);
});

test('a seed gives the same run again, bit by bit, told or not; another seed another', async () => {
  const file = await bundle();
  const task = { first: 1, count: 100, told: false };
  const [one, again, told] = await Promise.all([
    performed(file, task),
    performed(file, task),
    performed(file, { ...task, told: true }),
  ]);
  expect(again).toEqual(one);
  expect(told.digest).toBe(one.digest);
  const other = await performed(file, { ...task, first: 101 });
  expect(other.digest).not.toBe(one.digest);
});

describe('mutants', () => {
  test.each(MUTANTS)('$name is made of places in the core', async ({ changes }) => {
    for (const { file, right, wrong } of changes) {
      const source = await readFile(new URL(file, CORE), 'utf8');
      expect(source.split(right)).toHaveLength(2);
      expect(wrong).not.toBe(right);
    }
  });

  test.each([
    ['exclusion: a quorum of half the nodes', 'quorum-too-small'],
    ['sharing: a release that frees a shared key for all', 'shared-release-frees-all'],
    ['permits: a process that counts one permit more', 'one-permit-too-many'],
    ['order: counters that are not written back', 'no-write-back'],
    ['proof: a release that does not compare the token', 'release-without-comparing'],
    ['loss: a lost lock that nobody looks after', 'loss-unwatched'],
    ['clean-up: a failed attempt that is not released', 'no-release-after-failure'],
    ['afterlife: a token that is used twice', 'token-reused'],
    ['replay: a repeated grant that raises the counter', 'repeated-grant-raises'],
    ['survival: an extension that is repeated late', 'extension-retried-late'],
    ['progress: an adapter that throws takes other nodes with it', 'adapter-unguarded'],
    ['waiting: a free key for which no process is notified', 'no-call-where-free'],
  ])('%s is caught', async (_, name) => {
    const { schedules } = await judge(mutantNamed(name), 400);
    expect(schedules).not.toBeNull();
  });

  test('a failing run is told line by line, and drawn', async () => {
    const file = await bundle(mutantNamed('quorum-too-small'));
    const { failure } = await campaign(file, { first: 1, count: 300, workers: 1 });
    const seed = failure?.seed ?? 0;
    const { report } = await performed(file, { first: seed, count: 1, told: true });
    expect(report?.violation).toEqual(failure?.violation);
    expect(report?.digest).toBe(failure?.digest);
    const story = tellStory(report as Report);
    expect(story).toMatch(/p\d +acquire [ab]/);
    expect(story).toContain(`VIOLATION of ${failure?.violation?.oracle}`);
    expect(drawStory(report as Report)).toMatch(/^<svg .*<\/svg>\n$/s);
  });
});
