import type { Mutant } from '../mutant.js';

const SHARED_HOLDERS = 'memory/shared-holders.ts';
const QUEUE = 'memory/queue.ts';

/** Mistakes in who shares a key before whom. */
export const SHARING_WAITING_MUTANTS: readonly Mutant[] = [
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
    isRare: true,
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
