import type { Mutant } from './mutant.js';

const SHARED_HOLDERS = 'memory/shared-holders.ts';
const QUEUE = 'memory/queue.ts';
const ADMISSION = 'node/admission-rules.ts';

/** Mistakes in how locks are shared. */
export const SHARING_MUTANTS: readonly Mutant[] = [
  {
    name: 'shared-release-frees-all',
    mistake: 'The release of a shared lock frees the key of all that share it',
    changes: [
      {
        file: SHARED_HOLDERS,
        right: 'for (const token of tokens) this.#set?.delete(token);\n    this.#settle();',
        wrong: 'if (tokens.some((token) => this.holds(token))) this.#keyspace.delete(this.#key);',
      },
    ],
  },
  {
    name: 'ended-sharers-stay',
    mistake: 'Shared holders whose time is over stay in the set',
    changes: [
      {
        file: SHARED_HOLDERS,
        right: 'if ((set?.score(member) ?? 0) <= this.#now) set?.delete(member);',
        wrong: 'if ((set?.score(member) ?? 0) < 0) set?.delete(member);',
      },
    ],
  },
  {
    name: 'shared-key-ends-first',
    mistake: 'A shared key keeps its expiry when a holder comes that ends later',
    changes: [
      {
        file: SHARED_HOLDERS,
        right: 'this.#keyspace.set(this.#key, SHARED, Infinity);',
        wrong:
          'if (this.#keyspace.get(this.#key) !== SHARED) this.#keyspace.set(this.#key, SHARED, end - this.#now);',
      },
      {
        file: SHARED_HOLDERS,
        right: 'this.#keyspace.setUntil(this.#key, SHARED, end);',
        wrong: '',
      },
    ],
  },
  {
    name: 'upgrade-allowed',
    mistake: 'A shared lock is made exclusive by re-entry',
    changes: [
      {
        file: 'lock/reentry.ts',
        right: "if (mode === 'shared' || !shared) return;",
        wrong: 'if (mode.length > 0 || !shared) return;',
      },
    ],
  },
  {
    name: 'heal-after-release',
    mistake: 'A healing puts back a lock that was released meanwhile',
    changes: [
      {
        file: ADMISSION,
        right: '#refuse({ claim }: Operation,',
        wrong: '#refuse({ claim, kind }: Operation,',
      },
      {
        file: ADMISSION,
        right: 'if (claim.over) return NOT_SENT;',
        wrong: "if (claim.over && kind !== 'heal') return NOT_SENT;",
      },
    ],
  },
  {
    name: 'reader-passes-writer',
    mistake: 'A shared lock is granted although a process waits for an exclusive one',
    changes: [
      {
        file: 'memory/shared-operations.ts',
        right: "if (!queue.hasExclusiveBefore(entries[position] ?? '', channels)) return null;",
        wrong: 'if (queue) return null;',
      },
    ],
  },
  {
    name: 'later-writer-keeps-readers-out',
    mistake:
      'A shared lock is denied although its process has a lower ticket than all that want an exclusive one',
    changes: [
      {
        file: QUEUE,
        right: '(set?.score(member) ?? 0) <= ticket &&',
        wrong: 'set !== null &&',
      },
    ],
  },
  {
    name: 'one-reader-called',
    mistake: 'A call reaches only the first of several processes that want to share the key',
    changes: [{ file: QUEUE, right: 'onlyShared = true;', wrong: 'break;' }],
  },
  {
    name: 'writer-leaves-silently',
    mistake: 'A process that leaves a queue lets nobody behind it be called to a shared key',
    changes: [
      {
        file: 'memory/memory-program.ts',
        right: 'if (keyspace.get(key) !== null && !sharers.isShared) continue;',
        wrong:
          "if (keyspace.get(key) !== null && (!sharers.isShared || operation.entries[position]?.startsWith('-'))) continue;",
      },
    ],
  },
  {
    name: 'dead-writer-blocks-calls',
    mistake: 'A process that nobody hears keeps those behind it from being called to a shared key',
    changes: [
      {
        file: QUEUE,
        right: 'if (channels.receivers(told.channel) > 0) return undefined;',
        wrong: 'return undefined;',
      },
    ],
  },
  {
    name: 'writer-takes-readers-turn',
    mistake: 'An exclusive grant takes a shared key that is reserved for others',
    changes: [
      {
        file: SHARED_HOLDERS,
        right: 'return this.#members.every((member) => member === reservation);',
        wrong: 'return reservation !== undefined && this.tokens.length === 0;',
      },
    ],
  },
];
