import type * as releases from '../../../../packages/redlock-core/src/node/pending-releases.js';
import type * as counters from '../../../../packages/redlock-core/src/memory/counters.js';
import type * as grants from '../../../../packages/redlock-core/src/memory/grants.js';
import type * as link from '../../../../packages/redlock-core/src/node/link.js';
import type * as operations from '../../../../packages/redlock-core/src/protocol/operations.js';
import type * as quarantine from '../../../../packages/redlock-core/src/node/quarantine.js';
import type * as queue from '../../../../packages/redlock-core/src/memory/queue.js';
import type * as sharing from '../../../../packages/redlock-core/src/memory/shared-holders.js';
import type * as tickets from '../../../../packages/redlock-core/src/waiting/tickets.js';
import type * as timeouts from '../../../../packages/redlock-core/src/node/timeouts.js';
import type * as timing from '../../../../packages/redlock-core/src/waiting/timing.js';
import type * as validity from '../../../../packages/redlock-core/src/time/validity.js';
import type * as verdict from '../../../../packages/redlock-core/src/quorum/verdict.js';

import type { EncodedOperation } from '../core.js';
import type { Evidence } from './mutants.js';

/** What is put in the place of exports of one module of the core. */
export interface Policy {
  /** Below the core's `src`, without its extension. */
  readonly module: string;
  /** Makes the wrong export of the right one, and of the whole module. */
  readonly wrong: Readonly<Record<string, (real: never, module: never) => unknown>>;
}

/** Holds a mistake to the types of the module whose exports it replaces. */
function inModule<M>(module: string) {
  return (wrong: { readonly [K in keyof M]?: (real: M[K], module: M) => M[K] }): Policy => ({
    module,
    wrong: wrong as Policy['wrong'],
  });
}

const inVerdict = inModule<typeof verdict>('quorum/verdict');
const inQueue = inModule<typeof queue>('memory/queue');
const inQuarantine = inModule<typeof quarantine>('node/quarantine');
const inTiming = inModule<typeof timing>('waiting/timing');
const inOperations = inModule<typeof operations>('protocol/operations');

/** Makes wrong methods of the right ones, and of the object that has them. */
type Methods<T> = { readonly [K in keyof T]?: (real: T[K], self: T) => T[K] };

/** Replaces methods of a class. */
function withMethods<T extends object>(wrong: Methods<T>) {
  return <C extends { readonly prototype: T }>(Class: C): C => {
    for (const [name, makeWrong] of Object.entries(wrong) as [keyof T, Methods<T>[keyof T]][]) {
      const real = Class.prototype[name] as (...args: unknown[]) => unknown;
      const value = function (this: T, ...args: unknown[]): unknown {
        const method = makeWrong?.(real.bind(this) as T[keyof T], this);
        return (method as typeof real)(...args);
      };
      Object.defineProperty(Class.prototype, name, { value });
    }
    return Class;
  };
}

function inQueues(wrong: Methods<queue.Queue>): Policy {
  return inQueue({ Queue: withMethods(wrong) });
}

/** Longer than any clean-up, in ms. */
const LONG = 100_000;
/** A second in µs. */
const SECOND = 1e6;

function halfOf(nodes: number): number {
  return Math.max(1, Math.floor(nodes / 2));
}

function raisedByReplay(
  { keyspace }: queue.Host,
  { keys, counters: own, token, counterTtl }: EncodedOperation,
  acquire: () => unknown,
): unknown {
  const isReplay = keys.every((key) => keyspace.get(key) === token);
  const reply = acquire();
  for (const counter of isReplay ? own : [])
    keyspace.set(counter, String(Number(keyspace.get(counter)) + SECOND), counterTtl);
  return reply;
}

/** Mistakes in the core: how each is found, and the exports of its modules that are replaced as it is compiled. */
export const IN_CORE: Readonly<Record<string, readonly [Evidence, ...Policy[]]>> = {
  'exclusion: a majority of ⌊N/2⌋': [
    { kind: 'faults', oracle: 'exclusion' },
    inVerdict({
      quorumOf: () => halfOf,
      judgeAcquire: (real) => (tally) =>
        tally.granted >= halfOf(tally.asked) ? 'granted' : real(tally),
    }),
  ],
  'exclusion: the validity is longer than the ttl': [
    { kind: 'faults', oracle: 'footing' },
    inModule<typeof validity>('time/validity')({ fullValidity: () => (ttl) => 1.2 * ttl }),
  ],
  'exclusion: a repaired node counts at once, and a grant of any connection': [
    { kind: 'siege', isRare: true },
    inQuarantine({
      Quarantine: withMethods<quarantine.Quarantine>({
        mayAcknowledge: () => () => true,
        doubtAcknowledgement: () => () => {},
      }),
    }),
    inModule<typeof link>('node/link')({
      NodeLink: withMethods<link.NodeLink>({ stillCounts: () => () => true }),
    }),
  ],
  'exclusion: a grant counts however old it is': [
    { kind: 'stall' },
    inModule<typeof timeouts>('node/timeouts')({ MAX_DEFAULT: () => 1e6 as 1000 }),
    inQuarantine({
      Quarantine: (Real) =>
        class extends Real {
          constructor(
            ...[node, client, runtime, terms, events]: ConstructorParameters<typeof Real>
          ) {
            super(node, client, runtime, { ...terms, longestAttempt: 2000 }, events);
          }
        },
    }),
  ],
  'order: the highest counter is not written back to a quorum': [
    { kind: 'faults' },
    inVerdict({ judgeWriteBack: () => () => () => 'written' }),
  ],
  'order: an extension counts although a later grant has raised the counter': [
    { kind: 'wild', oracle: 'node order' },
    inVerdict({
      judgeExtend: (real) => (tally) => {
        const superseded = tally.responses.filter(
          ({ reading: { vote, detail } }) => vote === 'denied' && detail === 'superseded',
        ).length;
        const { asked, granted, denied, failed, responses } = tally;
        return real({
          asked,
          granted: granted + superseded,
          denied: denied - superseded,
          failed,
          responses,
        });
      },
    }),
  ],
  'order: a node takes every proposal, also a lower one': [
    { kind: 'faults' },
    inModule<typeof counters>('memory/counters')({
      raised: () => (_keyspace, _highest, fence) => fence,
    }),
  ],
  'replay: a grant that finds its token raises the counter': [
    { kind: 'faults', oracle: 'repetition', isRare: true },
    inModule<typeof grants>('memory/grants')({
      acquire: (real) => (host, operation, freed) =>
        raisedByReplay(host, operation, () => real(host, operation, freed)),
      acquireBySmallScript: (real) => (host, operation) =>
        raisedByReplay(host, operation, () => real(host, operation)),
    }),
  ],
  'sharing: the release of a shared lock ends all that share the key': [
    { kind: 'shared' },
    inModule<typeof sharing>('memory/shared-holders')({
      SharedHolders: withMethods<sharing.SharedHolders>({
        remove:
          (real, { list }) =>
          (token) => {
            const ended = list.includes(token) ? list : [];
            for (const each of ended) if (typeof each === 'string') real(each);
            real(token);
          },
      }),
    }),
  ],
  'clean-up: releases that could not be sent are dropped': [
    { kind: 'faults', oracle: 'remains' },
    inModule<typeof releases>('node/pending-releases')({
      PendingReleases: withMethods<releases.PendingReleases>({
        take:
          (real) =>
          (...args) => {
            real(...args);
            return [];
          },
      }),
    }),
  ],
  'clean-up: an adoption that fails leaves a dead lock for long': [
    { kind: 'takeovers', oracle: 'restoration' },
    inModule<typeof releases>('node/pending-releases')({
      successorOf: (real) => (claim, node, now) => {
        const successor = real(claim, node, now);
        const isRestored = successor?.token === claim.adoptedFrom;
        return successor && isRestored ? { ...successor, until: { ms: LONG } } : successor;
      },
    }),
  ],
  'waiting: a free key is granted past those who are ahead': [
    { kind: 'crowd', oracle: 'order' },
    inQueues({ ahead: () => () => null }),
  ],
  'waiting: a request passes waiters of its own process': [
    { kind: 'family', oracle: 'order' },
    inQueues({
      ahead:
        (real) =>
        (asker, ...rest) => {
          const ahead = real(asker, ...rest);
          return ahead?.channel === asker.channel ? null : ahead;
        },
    }),
  ],
  'waiting: of two equal tickets each is ahead of the other': [
    { kind: 'ties' },
    inQueues({
      ahead:
        (real, self) =>
        (asker, ...rest) => {
          // Its own entry is ahead then too.
          if (asker.ticket !== null) self.leave(asker.ticket, asker.channel);
          return real({ ...asker, channel: '~' }, ...rest);
        },
    }),
  ],
  'waiting: a node notifies nobody of a release': [
    { kind: 'crowd', oracle: 'notify' },
    inQueues({ notifyNext: () => () => {} }),
  ],
  'waiting: a release does not say that the next is to be notified': [
    { kind: 'crowd' },
    inOperations({
      release: (real) => (keys, token, ttl, _queue, successor) =>
        real(keys, token, ttl, null, successor),
    }),
  ],
  'waiting: entries never end': [
    { kind: 'crowd', oracle: 'queues' },
    inQueues({
      put:
        (real) =>
        (ticket, until, ...rest) =>
          real(ticket, until + LONG, ...rest),
    }),
  ],
  'waiting: a permit is offered to a process that may not use it': [
    { kind: 'fleet' },
    inQueues({
      put: (real) => (ticket, until, isNotified, tail) =>
        real(ticket, until, isNotified, tail.replace(/^([xs]:\d+:)\d+:/, '$199:')),
    }),
  ],
  'waiting: a waiter for several keys keeps one for ever': [
    { kind: 'crowd', oracle: 'keep' },
    inTiming({
      KeepPeriod: withMethods<timing.KeepPeriod>({
        next: () => (_now, _waited, _window, ttl) => ttl,
      }),
    }),
  ],
  'waiting: waiters poll all the time': [
    { kind: 'crowd', oracle: 'cost' },
    inTiming({ pollOf: () => () => 1 }),
  ],
  'waiting: each request has a ticket of its own': [
    { kind: 'crowd' },
    inModule<typeof tickets>('waiting/tickets')({
      Tickets: withMethods<tickets.Tickets>({ isAhead: () => () => true }),
    }),
  ],
};
