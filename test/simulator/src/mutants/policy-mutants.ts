import type { Mutant } from './mutant.js';

/** Mistakes in the core: exports of its modules are replaced as it is compiled. */
export const POLICY_MUTANTS: readonly Mutant[] = [
  {
    name: 'exclusion: a majority of ⌊N/2⌋',
    kind: 'faults',
    oracle: 'exclusion',
    policy: 'half is a majority',
  },
  {
    name: 'exclusion: the validity is longer than the ttl',
    kind: 'faults',
    oracle: 'footing',
    policy: 'validity longer than the ttl',
  },
  {
    name: 'exclusion: a repaired node counts at once, and a grant of any connection',
    isRare: true,
    kind: 'siege',
    policy: 'repaired nodes count',
  },
  {
    name: 'exclusion: a grant counts however old it is',
    kind: 'stall',
    policy: 'old grants count',
  },
  {
    name: 'order: the highest counter is not written back to a quorum',
    kind: 'faults',
    policy: 'no write-back',
  },
  {
    name: 'order: an extension counts although a later grant has raised the counter',
    kind: 'wild',
    oracle: 'node order',
    policy: 'superseded locks extended',
  },
  {
    name: 'order: a node takes every proposal, also a lower one',
    kind: 'faults',
    policy: 'proposals win',
  },
  {
    name: 'replay: a grant that finds its token raises the counter',
    isRare: true,
    kind: 'faults',
    oracle: 'repetition',
    policy: 'replays raise counters',
  },
  {
    name: 'sharing: the release of a shared lock ends all that share the key',
    kind: 'shared',
    policy: 'one release ends all shared locks',
  },
  {
    name: 'clean-up: releases that could not be sent are dropped',
    kind: 'faults',
    oracle: 'remains',
    policy: 'no pending releases',
  },
  {
    name: 'clean-up: an adoption that fails leaves a dead lock for long',
    kind: 'takeovers',
    oracle: 'restoration',
    policy: 'restored for long',
  },
  {
    name: 'waiting: a free key is granted past those who are ahead',
    kind: 'crowd',
    oracle: 'order',
    policy: 'queues deny nobody',
  },
  {
    name: 'waiting: a request passes waiters of its own process',
    kind: 'family',
    oracle: 'order',
    policy: 'own process is never ahead',
  },
  {
    name: 'waiting: of two equal tickets each is ahead of the other',
    kind: 'ties',
    policy: 'equal tickets block each other',
  },
  {
    name: 'waiting: a node notifies nobody of a release',
    kind: 'crowd',
    oracle: 'notify',
    policy: 'releases notify nobody',
  },
  {
    name: 'waiting: a release does not say that the next is to be notified',
    kind: 'crowd',
    policy: 'releases name no queue',
  },
  {
    name: 'waiting: entries never end',
    kind: 'crowd',
    oracle: 'queues',
    policy: 'entries for ever',
  },
  {
    name: 'waiting: a permit is offered to a process that may not use it',
    kind: 'fleet',
    policy: 'permits of waiters ignored',
  },
  {
    name: 'waiting: a waiter for several keys keeps one for ever',
    kind: 'crowd',
    oracle: 'keep',
    policy: 'keys kept for ever',
  },
  {
    name: 'waiting: waiters poll all the time',
    kind: 'crowd',
    oracle: 'cost',
    policy: 'polls at once',
  },
  {
    name: 'waiting: each request has a ticket of its own',
    kind: 'crowd',
    policy: 'tickets made anew',
  },
];
