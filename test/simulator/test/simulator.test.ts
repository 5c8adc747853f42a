import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { bundle } from '../src/campaign/bundle.js';
import { campaign } from '../src/campaign/campaign.js';
import { SimulationWorker } from '../src/campaign/simulation-worker.js';
import { neverHappened } from '../src/campaign/summary.js';
import type { Report, Task } from '../src/campaign/task.js';
import { judge } from '../src/mutants/mutant-table.js';
import type { Mutant } from '../src/mutants/mutant.js';
import { MUTANTS } from '../src/mutants/mutants.js';
import type { Kind } from '../src/plan/kinds.js';
import { Tally } from '../src/run/tally.js';
import { drawStory, tellStory } from '../src/story/story.js';

const CORE = new URL('../../../packages/redlock-core/src/', import.meta.url);

/** For a machine that has much else to do, in ms. */
const LONGEST = 900_000;

/** How many schedules of each kind: enough that each promise is put to the test. */
const SCHEDULES: Readonly<Record<Kind, number>> = {
  calm: 10,
  faults: 70,
  forgetful: 35,
  wild: 40,
  siege: 15,
  stall: 5,
  crowd: 20,
  shared: 60,
  permits: 60,
};

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

describe('schedules of each kind', () => {
  const tally = new Tally();
  const failures: Report[] = [];

  beforeAll(async () => {
    const file = await bundle();
    for (const [kind, count] of Object.entries(SCHEDULES) as [Kind, number][]) {
      const result = await campaign(file, { first: 1, count, workers: 1, kind });
      tally.add(result.tally.counts);
      if (result.failure) failures.push(result.failure);
    }
  }, LONGEST);

  test('no promise is broken', () => {
    expect(failures.map((failure) => tellStory(failure))).toEqual([]);
  });

  test.each([
    [
      'exclusion: at most one process believes in an exclusive lock, and it has a quorum of the nodes',
      ['exclusion', 'footing'],
      ['grants', 'extensions', 'adoptions', 'amnesias', 'underminings'],
    ],
    [
      'sharing: shared holders exclude exclusive ones, and none is lost with another',
      ['exclusion', 'shared keys', 'upgrades', 'modes', 'precedence'],
      ['sharedHolders', 'upgradesRefused'],
    ],
    ['permits: a semaphore never has more holders than permits', ['permits'], ['fullSemaphores']],
    [
      'order: fencing tokens grow in the order in which a resource was held',
      ['token order', 'node order'],
      ['confirms', 'splits'],
    ],
    ['proof: a lock whose release says true was held until then', ['release'], ['releases']],
    ['loss: whoever loses a lock is told once, and in time', ['loss'], ['losses', 'jumps']],
    [
      'clean-up: no key stays of an attempt that failed, or of a lock that was released or lost',
      ['remains', 'expiry', 'timers'],
      ['contentions', 'breakdowns', 'errorSpells'],
    ],
    ['afterlife: nothing is done for a token after its release', ['afterlife'], ['heals']],
    ['replay: a command that is sent twice raises no counter', ['repetition'], ['resends']],
    [
      'survival: an extended lock is not lost while a quorum has it and can be asked',
      ['survival', 'retries'],
      ['extensions', 'stalls'],
    ],
    [
      'progress: every call settles as it may, and in the end everybody gets the lock',
      ['progress', 'errors', 'observation'],
      ['refusals', 'aborts', 'throws', 'kills', 'observations'],
    ],
    [
      'waiting: whoever waits is called in turn, asks no more often than it must, and leaves no trace',
      ['turns', 'calls', 'queues', 'leaves', 'answers', 'reservations', 'asking', 're-entry'],
      ['calls', 'handOvers', 'leaves', 'ambushes'],
    ],
  ])('%s', (_promise, oracles, situations) => {
    const broken = failures.filter(({ violation }) => oracles.includes(violation?.oracle ?? ''));
    expect(broken.map(({ seed, violation }) => [seed, violation])).toEqual([]);
    const never = neverHappened(tally);
    expect(situations.filter((situation) => never.includes(situation))).toEqual([]);
  });
});

test(
  'a seed gives the same run again, bit by bit, told or not; another seed another',
  async () => {
    const file = await bundle();
    const task = { first: 1, count: 15, told: false };
    const one = await performed(file, task);
    expect(await performed(file, task)).toEqual(one);
    const told = await performed(file, { ...task, told: true });
    expect(told.digest).toBe(one.digest);
    const other = await performed(file, { ...task, first: 101 });
    expect(other.digest).not.toBe(one.digest);
  },
  LONGEST,
);

describe('mutants', () => {
  const ofSource = MUTANTS.filter(({ changes }) => changes);

  test.each(ofSource)('$name is made of places in the core', async ({ changes = [] }) => {
    for (const { file, right, wrong } of changes) {
      const source = await readFile(new URL(file, CORE), 'utf8');
      expect(source.split(right)).toHaveLength(2);
      expect(wrong).not.toBe(right);
    }
  });

  test.each([
    'exclusion: time is read from the monotonic clock alone',
    'sharing: the release of a shared lock frees the key of all that share it',
    'permits: a process says that there is one more',
    'clean-up: a closed process has timers left',
    'afterlife: two attempts have one token',
  ])(
    '%s is caught',
    async (name) => {
      const { schedules } = await judge(mutantNamed(name), 200);
      expect(schedules).not.toBeNull();
    },
    120_000,
  );

  test(
    'a failing run is told line by line, and drawn',
    async () => {
      const mutant = mutantNamed('exclusion: a majority of ⌊N/2⌋');
      const { kind, oracle } = mutant;
      const file = await bundle(mutant);
      const terms = { first: 1, workers: 1, share: 10, kind, oracle };
      const { failure } = await campaign(file, { ...terms, count: 300 });
      const seed = failure?.seed ?? 0;
      const { report } = await performed(file, { first: seed, count: 1, told: true, kind, oracle });
      expect(report?.violation).toEqual(failure?.violation);
      expect(report?.digest).toBe(failure?.digest);
      const story = tellStory(report as Report);
      expect(story).toMatch(/p\d +acquire [ab]/);
      expect(story).toContain(`VIOLATION of ${failure?.violation?.oracle}`);
      expect(drawStory(report as Report)).toMatch(/^<svg .*<\/svg>\n$/s);
    },
    LONGEST,
  );
});
