import type { Mutant } from './mutant.js';

const MEMORY_OPERATIONS = 'memory/memory-operations.ts';
const SHARED_HOLDERS = 'memory/shared-holders.ts';
const ADMISSION = 'node/admission-rules.ts';

/** Mistakes in the core's source, where nothing around the core shows that an oracle sees. */
export const SOURCE_MUTANTS: readonly Mutant[] = [
  {
    name: 'exclusion: a majority of ⌊N/2⌋',
    kind: 'faults',
    oracle: 'exclusion',
    changes: [
      {
        file: 'quorum/verdict.ts',
        right: 'return Math.floor(nodes / 2) + 1;',
        wrong: 'return Math.max(1, Math.floor(nodes / 2));',
      },
    ],
  },
  {
    name: 'exclusion: validity is counted from the answers',
    kind: 'faults',
    oracle: 'footing',
    changes: [
      {
        file: 'attempt/attempt.ts',
        right: 'Validity.since(start,',
        wrong: 'Validity.since(readClocks(runtime),',
      },
    ],
  },
  {
    name: 'exclusion: a grant of any connection counts, and a healed node counts at once',
    kind: 'siege',
    changes: [
      {
        file: 'quorum/quorum.ts',
        right: 'return written !== undefined && this.#links[index]?.stands(written) === true;',
        wrong: 'return written !== undefined && this.#links[index] !== undefined;',
      },
      {
        file: 'node/identity/quarantine.ts',
        right: 'return this.#runtime.now() - this.#since >= this.#doubtLasts;',
        wrong: 'return this.#runtime.now() >= this.#since;',
      },
    ],
  },
  {
    name: 'exclusion: a grant counts however old it is',
    kind: 'stall',
    changes: [
      {
        file: 'quorum/quorum.ts',
        right: 'const earliest = now.mono + stoodFor - this.longestAttempt;',
        wrong: 'const earliest = Math.min(-Infinity, stoodFor);',
      },
    ],
  },
  {
    name: 'exclusion: the age of a grant is read from the monotonic clock alone',
    kind: 'stall',
    changes: [
      {
        file: 'quorum/quorum.ts',
        right: 'const earliest = now.mono + stoodFor - this.longestAttempt;',
        wrong: 'const earliest = now.mono + 0 * stoodFor - this.longestAttempt;',
      },
    ],
  },
  {
    name: 'exclusion: the age of a grant is counted from after the call that writes it',
    kind: 'stall',
    changes: [
      {
        file: 'node/command-queue.ts',
        right: 'const batch: Batch = { rounds, form, sent, connection, sentAt, server, age: 0 };',
        wrong:
          'const batch: Batch = { rounds, form, sent, connection, sentAt: Math.max(sentAt, this.#owner.written()), server, age: 0 };',
      },
    ],
  },
  {
    name: 'sharing: the release of a shared lock frees the key of all that share it',
    kind: 'shared',
    oracle: 'shared keys',
    changes: [
      {
        file: SHARED_HOLDERS,
        right: 'for (const token of tokens) this.#set?.delete(token);\n    this.#settle();',
        wrong: 'if (tokens.some((token) => this.holds(token))) this.#keyspace.delete(this.#key);',
      },
    ],
  },
  {
    name: 'sharing: shared holders whose time is over stay in the set',
    kind: 'shared',
    changes: [
      {
        file: SHARED_HOLDERS,
        right: 'if ((set?.score(member) ?? 0) <= this.#now) set?.delete(member);',
        wrong: 'if ((set?.score(member) ?? 0) < 0) set?.delete(member);',
      },
    ],
  },
  {
    name: 'sharing: a shared lock is made exclusive by re-entry',
    kind: 'shared',
    oracle: 'upgrades',
    changes: [
      {
        file: 'lock/reentry.ts',
        right: "if (mode === 'shared' || !shared) return;",
        wrong: 'if (mode.length > 0 || !shared) return;',
      },
    ],
  },
  {
    name: 'sharing: an exclusive lock is adopted as a shared one',
    kind: 'shared',
    oracle: 'modes',
    changes: [
      {
        file: 'memory/shared-operations.ts',
        right:
          'const isOurs = all[position]?.holds(from) === true || all[position]?.holds(token) === true;',
        wrong:
          'const isOurs = all[position]?.holds(from) === true || keyspace.get(key) === from || all[position]?.holds(token) === true;',
      },
    ],
  },
  {
    name: 'permits: each node counts holders, and gives whatever permit is free there',
    kind: 'permits',
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
    name: 'order: the highest counter is not written back to a quorum',
    kind: 'faults',
    oracle: 'token order',
    changes: [
      {
        file: 'attempt/attempt.ts',
        right: 'agreed.length < quorum.size',
        wrong: 'agreed.length < 1',
      },
    ],
  },
  {
    name: 'order: an extension counts although a later grant has raised the counter',
    kind: 'wild',
    oracle: 'node order',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'return fence === null || highest(call) <= fence ? 1 : 2;',
        wrong: 'return 1;',
      },
    ],
  },
  {
    name: 'order: a confirm lowers a counter that a later grant has raised',
    kind: 'wild',
    oracle: 'node order',
    changes: [
      { file: MEMORY_OPERATIONS, right: '\n  if (highest(call) > fence) return 0;', wrong: '' },
    ],
  },
  {
    name: 'loss: the signal of a lost lock is not aborted',
    kind: 'faults',
    oracle: 'loss',
    changes: [
      { file: 'lock/lease.ts', right: '    this.#controller?.abort(reason);\n', wrong: '' },
    ],
  },
  {
    name: 'clean-up: a release that a server has answered with an error is not repeated',
    kind: 'faults',
    oracle: 'remains',
    changes: [
      {
        file: 'node/cleanup/clean-up.ts',
        right: "if (!answered || vote === 'failed') {",
        wrong: 'if (!answered) {',
      },
    ],
  },
  {
    name: 'clean-up: an adoption that fails deletes what it has taken',
    kind: 'faults',
    changes: [
      {
        file: 'attempt/attempt.ts',
        right: 'claim.successor = from;\n      // Adopted',
        wrong: '// Adopted',
      },
    ],
  },
  {
    name: 'afterlife: a healing puts back a lock that was released meanwhile',
    kind: 'faults',
    oracle: 'afterlife',
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
    name: 'replay: a grant that finds its token there already raises the counter above it',
    kind: 'faults',
    oracle: 'repetition',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'const held = taken ? 0 : highest(call);',
        wrong: 'const held = taken ? 0 : 0;',
      },
    ],
  },
  {
    name: 'survival: an extension that has failed is repeated within a tenth of its ttl, not of what is left',
    kind: 'faults',
    oracle: 'retries',
    changes: [
      {
        file: 'lock/extensions.ts',
        right: 'this.#schedule?.postpone(remaining);',
        wrong: 'this.#schedule?.postpone(Math.max(this.#lease.ttl, remaining));',
      },
    ],
  },
  {
    name: 'progress: an adapter that throws takes others with it',
    kind: 'faults',
    oracle: 'errors',
    changes: [
      {
        file: 'node/guarded-node.ts',
        right:
          'try {\n      return this.#node.ready;\n    } catch (error) {\n      this.#mistake = error;\n      return false;\n    }',
        wrong: 'return this.#node.ready;',
      },
    ],
  },
  {
    name: 'progress: an observer is told the same twice',
    kind: 'faults',
    oracle: 'observation',
    changes: [
      {
        file: 'election/observation.ts',
        right: 'if (token !== undefined && token !== told) {',
        wrong: 'if (token !== undefined) {',
      },
    ],
  },
];
