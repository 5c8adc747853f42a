import type { Mutant } from './mutant.js';

const PERMIT_CHOICE = 'waiting/permit-choice.ts';
const PERMIT_KEYS = 'protocol/permit-keys.ts';

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
];
