import type * as cleanup from '../../../../packages/redlock-core/src/node/cleanup.js';
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

/** A memory server whose queues are wrong. */
function inQueues(wrongOf: (Real: typeof queue.Queue) => typeof queue.Queue): Policy {
  return inQueue({
    queueOf: (_real, { Queue }) => {
      const Wrong = wrongOf(Queue);
      return (host, { queues }, position) => {
        const key = queues[position];
        return key === undefined ? null : new Wrong(host, key);
      };
    },
  });
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

/** Wrong policies by what is wrong. */
export const POLICIES = {
  'half is a majority': [
    inVerdict({
      quorumOf: () => halfOf,
      judgeAcquire: (real) => (tally) =>
        tally.granted >= halfOf(tally.asked) ? 'granted' : real(tally),
    }),
  ],
  'validity longer than the ttl': [
    inModule<typeof validity>('time/validity')({ fullValidity: () => (ttl) => 1.2 * ttl }),
  ],
  'repaired nodes count': [
    inQuarantine({
      Quarantine: (Real) =>
        class extends Real {
          override mayAcknowledge(): boolean {
            return true;
          }
          override doubtAcknowledgement(): undefined {}
        },
    }),
    inModule<typeof link>('node/link')({
      NodeLink: (Real) =>
        class extends Real {
          override stillCounts(): boolean {
            return true;
          }
        },
    }),
  ],
  'old grants count': [
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
  'no write-back': [inVerdict({ judgeWriteBack: () => () => () => 'written' })],
  'superseded locks extended': [
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
  'proposals win': [
    inModule<typeof counters>('memory/counters')({
      raised: () => (_keyspace, _highest, fence) => fence,
    }),
  ],
  'replays raise counters': [
    inModule<typeof grants>('memory/grants')({
      acquire: (real) => (host, operation, freed) =>
        raisedByReplay(host, operation, () => real(host, operation, freed)),
      acquireBySmallScript: (real) => (host, operation) =>
        raisedByReplay(host, operation, () => real(host, operation)),
    }),
  ],
  'one release ends all shared locks': [
    inModule<typeof sharing>('memory/shared-holders')({
      SharedHolders: (Real) =>
        class extends Real {
          override remove(token: string): void {
            const isOurs = this.list.includes(token);
            for (const each of isOurs ? this.list : []) {
              if (typeof each === 'string') super.remove(each);
            }
            super.remove(token);
          }
        },
    }),
  ],
  'no pending releases': [
    inModule<typeof cleanup>('node/cleanup')({
      CleanUp: (Real) =>
        class extends Real {
          override take(): never[] {
            super.take();
            return [];
          }
        },
    }),
  ],
  'restored for long': [
    inModule<typeof cleanup>('node/cleanup')({
      successorOf: (real) => (claim, node, now) => {
        const successor = real(claim, node, now);
        const isRestored = successor?.token === claim.adoptedFrom;
        return successor && isRestored ? { ...successor, until: { ms: LONG } } : successor;
      },
    }),
  ],
  'queues deny nobody': [
    inQueues(
      (Real) =>
        class extends Real {
          override ahead(): null {
            return null;
          }
        },
    ),
  ],
  'own process is never ahead': [
    inQueues(
      (Real) =>
        class extends Real {
          override ahead(...args: Parameters<queue.Queue['ahead']>): queue.Ahead | null {
            const ahead = super.ahead(...args);
            return ahead?.channel === args[0].channel ? null : ahead;
          }
        },
    ),
  ],
  'equal tickets block each other': [
    inQueues(
      (Real) =>
        class extends Real {
          override ahead(
            ...[asker, room, joined]: Parameters<queue.Queue['ahead']>
          ): queue.Ahead | null {
            // Its own entry is ahead then too.
            if (asker.ticket !== null) this.leave(asker.ticket, asker.channel);
            return super.ahead({ ...asker, channel: '~' }, room, joined);
          }
        },
    ),
  ],
  'releases notify nobody': [
    inQueues(
      (Real) =>
        class extends Real {
          override notifyNext(): void {}
        },
    ),
  ],
  'releases name no queue': [
    inOperations({
      release: (real) => (keys, token, ttl, _queue, successor) =>
        real(keys, token, ttl, null, successor),
    }),
  ],
  'entries for ever': [
    inQueues(
      (Real) =>
        class extends Real {
          override put(ticket: number, until: number, isNotified: boolean, tail: string): void {
            super.put(ticket, until + LONG, isNotified, tail);
          }
        },
    ),
  ],
  'permits of waiters ignored': [
    inQueues(
      (Real) =>
        class extends Real {
          override put(ticket: number, until: number, isNotified: boolean, tail: string): void {
            super.put(ticket, until, isNotified, tail.replace(/^([xs]:\d+:)\d+:/, '$199:'));
          }
        },
    ),
  ],
  'keys kept for ever': [
    inTiming({
      KeepPeriod: (Real) =>
        class extends Real {
          override next(_now: number, _waited: number, _window: number, ttl: number): number {
            return ttl;
          }
        },
    }),
  ],
  'polls at once': [inTiming({ pollOf: () => () => 1 })],
  'tickets made anew': [
    inModule<typeof tickets>('waiting/tickets')({
      Tickets: (Real) =>
        class extends Real {
          override isAhead(): boolean {
            return true;
          }
        },
    }),
  ],
} satisfies Record<string, readonly Policy[]>;

export type PolicyName = keyof typeof POLICIES;
