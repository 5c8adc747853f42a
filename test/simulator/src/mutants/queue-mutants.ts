import type { Mutant } from './mutant.js';

const MEMORY_OPERATIONS = 'memory/memory-operations.ts';
const QUEUE_PLACE = 'waiting/queue-place.ts';
const QUEUE = 'memory/queue.ts';
const WAITING_LINES = 'waiting/waiting-lines.ts';

/** Mistakes in who stands in the queues of nodes, and where. */
export const QUEUE_MUTANTS: readonly Mutant[] = [
  {
    name: 'ticket-of-each-node',
    mistake: 'A waiter has a ticket made anew by each node at each try',
    changes: [
      {
        file: QUEUE_PLACE,
        right: 'const ticket = this.#ticket ?? -Math.floor(waited * 1000);',
        wrong: 'const ticket = -Math.floor(waited * 1000);',
      },
    ],
  },
  {
    name: 'no-re-entry',
    mistake: 'A waiter that was called and fails does not enter the queues again',
    changes: [
      {
        file: QUEUE_PLACE,
        right: "return (quiet ? '=' : '+') + this.#entry(key, reservation);",
        wrong: "return quiet ? '=' : '';",
      },
    ],
  },
  {
    name: 'ticket-stays',
    mistake: 'A call for an exclusive lock leaves the ticket in the queue',
    changes: [
      {
        file: QUEUE,
        right: 'this.#delete(called.member);',
        // A shared lock calls until nobody is left who wants to share it.
        wrong: 'if (called.shares) this.#delete(called.member);',
      },
    ],
  },
  {
    name: 'last-called-first',
    mistake: 'A node calls the process with the highest ticket',
    changes: [
      {
        file: QUEUE,
        right: 'for (const member of this.#members) {',
        wrong: 'for (const member of this.#members.toReversed()) {',
      },
    ],
  },
  {
    name: 'granted-stays-in-queue',
    mistake: 'A grant does not take the process out of the queue',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: "queue.leave(call.entries[position] ?? '');",
        wrong: 'void [position, queue];',
      },
    ],
  },
  {
    name: 'queue-for-ever',
    mistake: 'A queue does not expire',
    changes: [
      {
        file: 'memory/keyspace.ts',
        right: 'Math.max(this.remaining(key), ttl)',
        wrong: 'Math.max(this.remaining(key), ttl, Infinity)',
      },
    ],
  },
  {
    name: 'no-leave',
    mistake: 'A process that gives up stays in the queues',
    changes: [
      {
        file: WAITING_LINES,
        right: 'if (gaveUp) this.#leaveQueue(key);',
        wrong: '',
      },
    ],
  },
  {
    name: 'hand-over-without-limit',
    mistake: 'A process hands its lock over within itself for as long as anybody there waits',
    changes: [
      {
        file: 'waiting/waiting-line.ts',
        right: 'if (isLong && canStandBack && this.othersWait) {',
        wrong: 'if (isLong && canStandBack && this.othersWait && streak < 0) {',
      },
    ],
  },
  {
    name: 'channel-opened-too-late',
    mistake: 'A process that gives up before its channel is open stays in the queues',
    changes: [
      {
        file: 'waiting/waiter-entry.ts',
        right: 'this.#line?.entering(reservation);',
        wrong: "if (this.#lines.listensFor(this.key ?? '')) this.#line?.entering(reservation);",
      },
    ],
  },
  {
    name: 'detached-stays-in-queue',
    mistake:
      'A process that detaches or keeps its lock stays in the queues of nodes that had denied it',
    changes: [
      {
        file: WAITING_LINES,
        right: 'if (!line.first && !this.#services.closed.aborted) this.#leaveQueue(key);',
        wrong: '',
      },
    ],
  },
  {
    name: 'aborted-stays-in-queue',
    mistake: 'A process whose caller has gone when the lock is granted stays in the queues',
    changes: [
      {
        file: 'lock/acquisition.ts',
        right: 'gaveUp = !(lease instanceof Lease);',
        wrong: 'gaveUp = false;',
      },
    ],
  },
  {
    name: 'closed-stays-in-queue',
    mistake: 'A process that closes its Redlock while it waits stays in the queues',
    changes: [
      {
        file: WAITING_LINES,
        right: 'if (gaveUp) this.#leaveQueue(key);',
        wrong: 'if (gaveUp && !this.#services.closed.aborted) this.#leaveQueue(key);',
      },
    ],
  },
  {
    name: 'waits-for-kept-key',
    mistake:
      'A process that is denied several keys enters the queue of the first, though that is only kept for another',
    changes: [
      {
        file: 'memory/obstacle.ts',
        right: 'return held ?? denials[0];',
        wrong: 'return denials[0];',
      },
    ],
  },
];
