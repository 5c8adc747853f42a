import type { Mutant } from './mutant.js';

const MEMORY_OPERATIONS = 'memory/memory-operations.ts';

/** Mistakes in fencing tokens. */
export const FENCING_MUTANTS: readonly Mutant[] = [
  {
    name: 'confirm-without-owner',
    mistake: 'A confirm does not look whether the key is still ours',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'if (fence === null || keys.some((key) => keyspace.get(key) !== token)) return 0;',
        wrong: 'if (fence === null || keys.length + token.length === 0) return 0;',
      },
    ],
  },
  {
    name: 'confirm-without-bound',
    mistake: 'A confirm lowers a counter that a later grant has raised',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: '\n  if (highest(call) > fence) return 0;',
        wrong: '',
      },
    ],
  },
  {
    name: 'no-write-back',
    mistake: 'The highest counter is not written back to a quorum',
    changes: [
      {
        file: 'attempt/attempt.ts',
        right: 'agreed.length < quorum.size',
        wrong: 'agreed.length < 1',
      },
    ],
  },
  {
    name: 'heal-without-bound',
    mistake: 'A heal does not look whether a later grant has raised the counter',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: '    if (highest(call) > fence) return 0;',
        wrong: '',
      },
    ],
  },
  {
    name: 'extension-without-bound',
    mistake: 'An extension counts although a later grant has raised the counter',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'return fence === null || highest(call) <= fence ? 1 : 2;',
        wrong: 'return 1;',
      },
    ],
  },
  {
    name: 'proposal-without-bound',
    mistake: 'A node takes any proposal, however far from its clock',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'Math.min(fence, now + CLOCK_SLACK)',
        wrong: 'fence',
      },
    ],
  },
  {
    name: 'counter-from-one',
    mistake: 'A node that has forgotten its counter begins at 1',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'Math.max(highest(call), now - CLOCK_SLACK) + 1',
        wrong: 'highest(call) + 1',
      },
    ],
  },
  {
    name: 'counter-of-one-key',
    mistake: 'Of several resources only the first counter is raised',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'for (const counter of call.counters) keyspace.set(counter,',
        wrong: 'for (const counter of call.counters.slice(0, 1)) keyspace.set(counter,',
      },
    ],
  },
  {
    name: 'repeated-grant-raises',
    mistake: 'A grant that finds its token there already raises the counter above it',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'const held = taken ? 0 : highest(call);',
        wrong: 'const held = taken ? 0 : 0;',
      },
    ],
  },
];
