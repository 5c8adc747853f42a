import type { Mutant } from './mutant.js';

/** Mistakes around a core that is as it should be. */
export const OUTSIDE_MUTANTS: readonly Mutant[] = [
  { name: 'exclusion: validity leaves no room for drift', kind: 'faults', wrong: 'no drift' },
  {
    name: 'exclusion: a node that has forgotten counts at once',
    kind: 'forgetful',
    oracle: 'exclusion',
    wrong: 'no quarantine',
  },
  {
    name: 'exclusion: after a reconnection nobody asks whether it is the same server',
    kind: 'forgetful',
    wrong: 'identity from a cache',
  },
  {
    name: 'exclusion: time is read from the monotonic clock alone',
    kind: 'faults',
    wrong: 'monotonic clock alone',
  },
  {
    name: 'exclusion: time is read from the wall clock alone',
    kind: 'faults',
    wrong: 'wall clock alone',
  },
  {
    name: 'exclusion: a second Redlock does not know which nodes the first has seen restart',
    kind: 'siblings',
    wrong: 'clients unknown',
  },
  {
    name: 'sharing: a shared key is free when the set of its holders is gone',
    kind: 'vanishing',
    wrong: 'orphans freed',
  },
  {
    name: 'waiting: a process is notified all the time',
    kind: 'crowd',
    oracle: 'cost',
    wrong: 'notified all the time',
  },
  {
    name: 'loss: timers take a hundred times as long',
    kind: 'siege',
    oracle: 'loss',
    wrong: 'timers much too slow',
  },
  {
    name: 'permits: a process says that there is one more',
    kind: 'permits',
    oracle: 'permits',
    wrong: 'one permit more',
  },
  {
    name: 'proof: a release says true whatever became of it',
    kind: 'faults',
    oracle: 'release',
    wrong: 'releases confirmed',
  },
  {
    name: 'survival: timers take three times as long',
    kind: 'faults',
    oracle: 'survival',
    wrong: 'slow timers',
  },
  {
    name: 'clean-up: a failed attempt is not released',
    kind: 'faults',
    oracle: 'remains',
    wrong: 'failures not released',
  },
  {
    name: 'clean-up: a closed process has timers left',
    kind: 'faults',
    oracle: 'timers',
    wrong: 'timers for ever',
  },
  {
    name: 'clean-up: keys do not expire',
    kind: 'faults',
    oracle: 'expiry',
    wrong: 'nodes without time',
  },
  {
    name: 'progress: a client that connects lazily is never told to connect',
    kind: 'calm',
    oracle: 'progress',
    wrong: 'never told to connect',
  },
  {
    name: 'afterlife: two attempts have one token',
    kind: 'faults',
    oracle: 'afterlife',
    wrong: 'tokens twice',
  },
];
