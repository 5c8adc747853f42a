import type { Mutant } from './mutant.js';

const MEMORY_OPERATIONS = 'memory/memory-operations.ts';

/** Mistakes in how a lock is kept, lost and taken over. */
export const HOLDING_MUTANTS: readonly Mutant[] = [
  {
    name: 'extension-counts-foreign',
    mistake: 'An extension counts nodes whose key is not ours',
    changes: [
      {
        file: 'quorum/verdict.ts',
        right: "if (granted >= quorum) return 'extended';",
        wrong:
          "if (responses.filter(({ vote }) => vote !== 'failed').length >= quorum) return 'extended';",
      },
    ],
  },
  {
    name: 'extension-after-the-end',
    mistake: 'An extension counts although validity had ended before its answers',
    changes: [
      {
        file: 'lock/extensions.ts',
        right: 'await extension.ask();\n    lease.throwIfOver();',
        wrong: 'await extension.ask();',
      },
    ],
  },
  {
    name: 'extension-shortens',
    mistake: 'A late extension by less time cuts the expiry short',
    changes: [
      {
        file: 'memory/keyspace.ts',
        right: 'if (entry && this.remaining(key) < ttl)',
        wrong: 'if (entry)',
      },
    ],
  },
  {
    name: 'extension-retried-late',
    mistake:
      'An extension that has failed is repeated within a tenth of its ttl, not of what is left',
    changes: [
      {
        file: 'lock/extensions.ts',
        right: 'this.#schedule?.postpone(remaining);',
        wrong: 'this.#schedule?.postpone(Math.max(this.#lease.ttl, remaining));',
      },
    ],
  },
  {
    name: 'loss-ignored',
    mistake: 'The signal of a lost lock is not aborted',
    changes: [
      {
        file: 'lock/lease.ts',
        right: '    this.#controller?.abort(reason);\n',
        wrong: '',
      },
    ],
  },
  {
    name: 'loss-unwatched',
    mistake: 'Nobody looks at the clocks while a lock is held',
    changes: [
      {
        file: 'lock/lease.ts',
        right: 'if (!this.#over) services.watchdog.add(this);',
        wrong: '',
      },
    ],
  },
  {
    name: 'adopt-without-comparing',
    mistake: 'An adoption takes the key whoever holds it',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'value === from || value === token',
        wrong: 'value !== null || from === token',
      },
    ],
  },
  {
    name: 'failed-adoption-deletes',
    mistake: 'An adoption that fails deletes what it has taken',
    changes: [
      {
        file: 'attempt/attempt.ts',
        right: 'claim.successor = from;\n      // Adopted',
        wrong: '// Adopted',
      },
    ],
  },
  {
    name: 'failed-adoption-shortens',
    mistake: 'An adoption gives the keys its own ttl, also where that is the shorter one',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'keyspace.replace(key, token);\n    keyspace.prolong(key, ttl);',
        wrong: 'keyspace.set(key, token, ttl);',
      },
    ],
  },
];
