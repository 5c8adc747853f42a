import type { Mutant } from './mutant.js';

const PERMITS = 'memory/permits.ts';
const PERMIT_CHOICE = 'waiting/permit-choice.ts';
const PERMIT_KEYS = 'protocol/permit-keys.ts';
const QUEUE = 'memory/queue.ts';
const WAITING_LINES = 'waiting/waiting-lines.ts';

/** Mistakes in how permits of a semaphore are given. */
export const PERMIT_MUTANTS: readonly Mutant[] = [
  {
    name: 'permits-counted-per-node',
    mistake:
      'Each node counts holders, and gives whatever permit is free there for the one that was asked for',
    changes: [
      {
        file: 'memory/memory-program.ts',
        right: 'const operation = { ...encoded, keyspace, channels };',
        wrong: `const seats = Array.from({ length: 4 }, (_, permit) =>
      encoded.keys.map((key) => key.replace(/(:permit:)\\d+$/, '$1' + permit)),
    );
    const own = seats.find(([key = '']) => keyspace.get(key) === encoded.token);
    const free = seats.slice(0, Number(encoded.entries[1])).find(([key = '']) => keyspace.get(key) === null);
    const keys = own ?? (encoded.letter === 'p' ? free : undefined) ?? encoded.keys;
    const operation = { ...encoded, keys, keyspace, channels };`,
      },
    ],
  },
  {
    name: 'one-permit-too-many',
    mistake: 'A semaphore has one permit more than was said',
    changes: [
      {
        file: PERMIT_CHOICE,
        right: 'return Array.from({ length: this.#terms.permits }, (_, permit) => permit);',
        wrong: 'return Array.from({ length: this.#terms.permits + 1 }, (_, permit) => permit);',
      },
    ],
  },
  {
    name: 'one-counter-for-all-permits',
    mistake: 'All permits of a semaphore have one fencing counter',
    changes: [
      {
        file: PERMIT_KEYS,
        right: 'return this.fenced ? this.keys.map(counterOf) : [];',
        wrong: "return this.fenced ? [this.line.replace(/:waiting$/, '::fencing')] : [];",
      },
    ],
  },
  {
    name: 'call-names-wrong-permit',
    mistake: 'A node that calls a process names another permit than the one that it keeps',
    changes: [
      {
        file: QUEUE,
        right: '`called ${permit}`',
        wrong: '`called ${Number(permit) + 1}`',
      },
    ],
  },
  {
    name: 'free-permits-not-told',
    mistake: 'A denial does not say which permits are free',
    changes: [
      {
        file: PERMITS,
        right: 'return [[position, value, remaining, ticket, before, tokens, states]];',
        wrong:
          "return [[position, value, remaining, ticket, before, tokens, states.replaceAll('1', '0')]];",
      },
    ],
  },
  {
    name: 'other-permits-not-tried',
    mistake:
      'A caller that is denied a permit, and was entered in no queue because another one is free, asks for none',
    changes: [
      {
        file: 'lock/acquisition.ts',
        right: 'permits?.refused(result) === true && moves++ < MOST_MOVES;',
        wrong: 'permits?.refused(result) === true && moves++ < 0;',
      },
      {
        file: 'waiting/next-try.ts',
        right: 'return count - this.#failed.size - this.#passedBy >= quorumOf(count);',
        wrong: 'return true;',
      },
    ],
  },
  {
    name: 'one-permit-for-a-process',
    mistake: 'A process that has a permit does not ask for another until it gives that one back',
    changes: [
      {
        file: 'waiting/waiting-line.ts',
        right: 'return this.#isSemaphore ? null : this.#holders.current;',
        wrong: 'return this.#holders.current;',
      },
    ],
  },
  {
    name: 'granted-permit-stays-in-queue',
    mistake: 'The grant of a permit does not take the process out of the queue',
    changes: [{ file: PERMITS, right: "if (entry !== '') queue.leave(entry);", wrong: '' }],
  },
  {
    name: 'enters-queue-beside-free-permit',
    mistake: 'A process that is denied a permit enters the queue although another permit is free',
    changes: [
      {
        file: PERMITS,
        right: "const enters = entry !== '' && !states.includes('1');",
        wrong: "const enters = entry !== '';",
      },
    ],
  },
  {
    name: 'permit-reserved-for-one-alone',
    mistake: 'A process that was called takes only a permit that is reserved for itself',
    changes: [
      {
        file: PERMITS,
        right: 'const reservation = wasCalled && isReserved(holder) ? holder : ',
        wrong:
          'const reservation = wasCalled && holder.length < 0 && isReserved(holder) ? holder : ',
      },
    ],
  },
  {
    name: 'reserved-permit-for-all',
    mistake:
      'Whoever waits for a permit takes one that is reserved, although no node has called it',
    changes: [
      {
        file: PERMIT_CHOICE,
        right: 'return this.#wasCalled ? entries.map(',
        wrong: 'return this.#wasCalled || entries.length > 0 ? entries.map(',
      },
    ],
  },
  {
    name: 'called-for-ever',
    mistake:
      'A process that was called once takes permits that are reserved for others from then on',
    changes: [
      {
        file: PERMIT_CHOICE,
        right: 'this.#calledUntil = this.#runtime.now() + reservation;',
        wrong: 'this.#calledUntil = Infinity;',
      },
    ],
  },
  {
    name: 'unanswered-call-forgotten',
    mistake: 'A process that was called for a permit and has another one keeps the reservation',
    changes: [
      {
        file: WAITING_LINES,
        right: 'for (const { node, permit } of place.unanswered) this.#answer(key, node, permit);',
        wrong: '',
      },
    ],
  },
  {
    name: 'leave-for-another-permit',
    mistake: 'A process that is called for a permit and wants nothing gives up another one',
    changes: [
      {
        file: WAITING_LINES,
        right: 'new PermitKeys(key, permit ?? 0, 1, false)',
        wrong: 'new PermitKeys(key, 0, 1, false)',
      },
    ],
  },
];
