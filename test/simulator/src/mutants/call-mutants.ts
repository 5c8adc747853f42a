import type { Mutant } from './mutant.js';

const MEMORY_OPERATIONS = 'memory/memory-operations.ts';
const QUEUE_PLACE = 'waiting/queue-place.ts';
const QUEUE = 'memory/queue.ts';
const NEXT_TRY = 'waiting/next-try.ts';
const WAITING_LINES = 'waiting/waiting-lines.ts';

/** Mistakes in how nodes call the next process. */
export const CALL_MUTANTS: readonly Mutant[] = [
  {
    name: 'call-at-every-withdrawal',
    mistake: 'A failed try calls the next process although a quorum is held',
    changes: [
      {
        file: QUEUE_PLACE,
        right: "return (quiet ? '=' : '+') + this.#entry(key, reservation);",
        wrong: "return (quiet ? '+' : '+') + this.#entry(key, reservation);",
      },
    ],
  },
  {
    name: 'no-call-where-free',
    mistake: 'A release calls nobody on a node where it finds the key free already',
    changes: [
      {
        file: 'memory/memory-program.ts',
        right: "if (operation.entries[position]?.startsWith('=')) continue;",
        wrong:
          "if (replies[reply] === 0 || operation.entries[position]?.startsWith('=')) continue;",
      },
    ],
  },
  {
    name: 'reservation-without-receivers',
    mistake: 'A key is reserved for a process that nobody hears for',
    changes: [
      {
        file: QUEUE,
        right:
          'if (told && channels.publish(told.channel, message) > 0) return { member, ...told };',
        wrong:
          'if (told && channels.publish(told.channel, message) >= 0) return { member, ...told };',
      },
    ],
  },
  {
    name: 'leave-keeps-the-call',
    mistake: 'A process that was called and leaves does not pass the call on',
    changes: [
      {
        file: QUEUE,
        right: "if (what === '=' || what === '') return undefined;",
        wrong: "if (what === '=' || what === '' || what === '-') return undefined;",
      },
    ],
  },
  {
    name: 'no-poll',
    mistake: 'Whoever waits relies on calls alone',
    changes: [
      {
        file: NEXT_TRY,
        right: 'if (!isHeard) return retryDelay;',
        wrong: 'if (!isHeard) return 1e9;',
      },
      {
        file: NEXT_TRY,
        right: 'return retryDelay * Math.min(',
        wrong: 'return 1e9 * Math.min(',
      },
    ],
  },
  {
    name: 'no-second-try',
    mistake: 'No try follows when a quorum of subscriptions is confirmed',
    changes: [
      {
        file: 'waiting/call-channel.ts',
        right: 'if (isAnew || this.#heard.size === quorum)',
        wrong: 'if (isAnew && this.#heard.size !== quorum)',
      },
    ],
  },
  {
    name: 'stand-by-ignored',
    mistake: 'A process that is told to stand by does not ask when the called one is gone',
    changes: [
      {
        file: WAITING_LINES,
        right: 'this.#lines.get(key)?.first?.standBy(ms);',
        wrong: 'if (ms < 0) this.#lines.get(key)?.first?.standBy(ms);',
      },
    ],
  },
  {
    name: 'paused-through-calls',
    mistake:
      'The pause after several split votes goes on although a quorum keeps the key for the process',
    changes: [
      {
        file: 'waiting/waiter.ts',
        right: 'if (this.#nextTry.isCalledByQuorum && !this.#entry.hasGivenWay) return;',
        wrong: '',
      },
    ],
  },
  {
    name: 'own-call-forgotten',
    mistake: 'A process takes the call of its own withdrawal for one that the try has answered',
    changes: [
      {
        file: 'waiting/waiter.ts',
        right: 'this.#nextTry.refused(refused, runtime.now(), reservation);',
        wrong:
          'this.#nextTry.withdrawing(refused); this.#nextTry.refused(refused, runtime.now(), reservation);',
      },
    ],
  },
  {
    name: 'first-try-takes-reserved',
    mistake: 'A first try takes a key that is reserved for somebody',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'value === null || value === reservation;',
        wrong:
          "value === null || value === reservation || (reservation === undefined && value.startsWith('reserved:'));",
      },
    ],
  },
  {
    name: 'reservation-for-all',
    mistake: 'Whoever waits takes a key that is reserved for somebody else',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'value === null || value === reservation;',
        wrong: "value === null || (reservation !== undefined && value.startsWith('reserved:'));",
      },
    ],
  },
  {
    name: 'reservation-too-long',
    mistake: 'A key is reserved for longer than the process asked for',
    changes: [
      {
        file: QUEUE,
        right: 'this.#keyspace.set(key, called.reservation, called.ms);',
        wrong: 'this.#keyspace.set(key, called.reservation, 5 * called.ms);',
      },
    ],
  },
  {
    name: 'unwanted-call-kept',
    mistake: 'A process that is called and wants nothing keeps the reservation',
    changes: [
      {
        file: WAITING_LINES,
        right: 'else if (!line?.holder) this.#leaveQueue(key, [node], permit);',
        wrong: '',
      },
    ],
  },
];
