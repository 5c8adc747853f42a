import { beforeAll, describe, expect, test } from '@jest/globals';
import { bundle } from '../src/campaign/bundle.js';
import { campaign, neverHappened, perform } from '../src/campaign/campaign.js';
import { judge } from '../src/mutants/judge.js';
import { MUTANTS, type Mutant } from '../src/mutants/mutants.js';
import type { Kind } from '../src/plan/kinds.js';
import { tellStory, type Report } from '../src/run/story.js';
import { addCounts, newTally } from '../src/run/tally.js';

/** For a machine that has much else to do, in ms. */
const LONGEST = 900_000;

/** How many schedules of each kind, 300 in all: enough that each promise is put to the test. */
const SCHEDULES: Readonly<Record<Kind, number>> = {
  calm: 10,
  faults: 50,
  forgetful: 25,
  wild: 30,
  siege: 12,
  stall: 4,
  crowd: 30,
  shared: 40,
  permits: 35,
  siblings: 15,
  vanishing: 10,
  takeovers: 12,
  ties: 6,
  family: 8,
  mutes: 5,
  fleet: 8,
};

function mutantNamed(name: string): Mutant {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (!mutant) throw new Error(`No mutant ${name}`);
  return mutant;
}

describe('schedules of each kind', () => {
  const tally = newTally();
  const failures: Report[] = [];

  beforeAll(async () => {
    const file = await bundle();
    for (const [kind, count] of Object.entries(SCHEDULES) as [Kind, number][]) {
      const result = await campaign(file, { first: 1, count, workers: 1, kind });
      addCounts(tally, result.tally);
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
      ['grants', 'extensions', 'adoptions', 'amnesias', 'underminings', 'siblings'],
    ],
    [
      'sharing: shared holders exclude exclusive ones, and none is lost with another',
      ['exclusion', 'shared keys', 'upgrades', 'modes'],
      ['sharedHolders', 'upgradesRefused', 'evictions'],
    ],
    ['permits: a semaphore never has more holders than permits', ['permits'], ['fullSemaphores']],
    [
      'order: fencing tokens grow in the order in which a resource was held',
      ['token order', 'node order'],
      ['writeBacks', 'splits'],
    ],
    ['proof: a lock whose release says true was held until then', ['release'], ['releases']],
    ['loss: whoever loses a lock is told once, and in time', ['loss'], ['losses', 'jumps']],
    [
      'clean-up: no key stays of an attempt that failed, or of a lock that was released or lost',
      ['remains', 'expiry', 'timers', 'restoration'],
      ['contentions', 'breakdowns', 'errorSpells', 'restorations'],
    ],
    ['afterlife: nothing is done for a token after its release', ['afterlife'], ['repairs']],
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
      'waiting: waiters are notified and granted in the order of their tickets, soon, at a bounded cost, and leave no trace',
      ['order', 'notify', 'keep', 'prompt', 'queues', 'cost'],
      ['notifications', 'turns', 'handOvers', 'leaves', 'ambushes', 'kept', 'ties', 'vacancies'],
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
    const one = await perform(file, task);
    expect(await perform(file, task)).toEqual(one);
    const told = await perform(file, { ...task, told: true });
    expect(told.digest).toBe(one.digest);
    const other = await perform(file, { ...task, first: 101 });
    expect(other.digest).not.toBe(one.digest);
  },
  LONGEST,
);

describe('mutants', () => {
  test.each([
    'exclusion: time is read from the monotonic clock alone',
    'exclusion: a second Redlock does not know which nodes the first has seen restart',
    'sharing: the release of a shared lock ends all that share the key',
    'permits: a process says that there is one more',
    'order: an extension counts although a later grant has raised the counter',
    'proof: a release says true whatever became of it',
    'loss: timers take a hundred times as long',
    'clean-up: a closed process has timers left',
    'afterlife: two attempts have one token',
    'survival: timers take three times as long',
    'progress: a client that connects lazily is never told to connect',
    'waiting: a free key is granted past those who are ahead',
  ])(
    '%s is caught',
    async (name) => {
      const { schedules } = await judge(mutantNamed(name), 400);
      expect(schedules).not.toBeNull();
    },
    120_000,
  );

  test(
    'a failing run is told line by line',
    async () => {
      const mutant = mutantNamed('exclusion: a majority of ⌊N/2⌋');
      const { kind, oracle } = mutant;
      const file = await bundle(mutant);
      const terms = { first: 1, workers: 1, share: 10, kind, oracle };
      const { failure } = await campaign(file, { ...terms, count: 300 });
      const seed = failure?.seed ?? 0;
      const { report } = await perform(file, { first: seed, count: 1, told: true, kind, oracle });
      expect(report?.violation).toEqual(failure?.violation);
      expect(report?.digest).toBe(failure?.digest);
      const story = tellStory(report as Report);
      expect(story).toMatch(/p\d +acquire [ab]/);
      expect(story).toContain(`VIOLATION of ${failure?.violation?.oracle}`);
    },
    LONGEST,
  );
});
