import type { Change, Mutant } from './mutant.js';

const MEMORY_OPERATIONS = 'memory/memory-operations.ts';
const SHARED_HOLDERS = 'memory/shared-holders.ts';
const ADMISSION = 'node/admission-rules.ts';

function change(file: string, right: string, wrong: string): Change {
  return { file, right, wrong };
}

/** Mistakes in the core's source, where nothing around the core shows that an oracle sees. */
export const SOURCE_MUTANTS: readonly Mutant[] = [
  {
    name: 'exclusion: a majority of ⌊N/2⌋',
    kind: 'faults',
    oracle: 'exclusion',
    changes: [
      change(
        'quorum/verdict.ts',
        'return Math.floor(nodes / 2) + 1;',
        'return Math.max(1, Math.floor(nodes / 2));',
      ),
    ],
  },
  {
    name: 'exclusion: validity is counted from the answers',
    kind: 'faults',
    oracle: 'footing',
    changes: [
      change('attempt/attempt.ts', 'Validity.since(start,', 'Validity.since(readClocks(runtime),'),
    ],
  },
  {
    name: 'exclusion: a grant of any connection counts, and a healed node counts at once',
    kind: 'siege',
    changes: [
      change(
        'quorum/quorum.ts',
        'return written !== undefined && this.#links[index]?.stands(written) === true;',
        'return written !== undefined && this.#links[index] !== undefined;',
      ),
      change(
        'node/identity/quarantine.ts',
        'return this.#runtime.now() - this.#since >= this.#doubtLasts;',
        'return this.#runtime.now() >= this.#since;',
      ),
    ],
  },
  {
    name: 'exclusion: a grant counts however old it is',
    kind: 'stall',
    changes: [
      change(
        'quorum/quorum.ts',
        'const earliest = now.mono + stoodFor - this.longestAttempt;',
        'const earliest = Math.min(-Infinity, stoodFor);',
      ),
    ],
  },
  {
    name: 'exclusion: the age of a grant is read from the monotonic clock alone',
    kind: 'stall',
    changes: [
      change(
        'quorum/quorum.ts',
        'const earliest = now.mono + stoodFor - this.longestAttempt;',
        'const earliest = now.mono + 0 * stoodFor - this.longestAttempt;',
      ),
    ],
  },
  {
    name: 'exclusion: the age of a grant is counted from after the call that writes it',
    isRare: true,
    kind: 'stall',
    changes: [
      change(
        'node/command-queue.ts',
        'const batch: Batch = { rounds, form, sent, connection, sentAt, server, age: 0 };',
        'const batch: Batch = { rounds, form, sent, connection, sentAt: Math.max(sentAt, this.#owner.written()), server, age: 0 };',
      ),
    ],
  },
  {
    name: 'sharing: the release of a shared lock frees the key of all that share it',
    kind: 'shared',
    oracle: 'shared keys',
    changes: [
      change(
        SHARED_HOLDERS,
        'for (const token of tokens) this.#set?.delete(token);\n    this.#settle();',
        'if (tokens.some((token) => this.holds(token))) this.#keyspace.delete(this.#key);',
      ),
    ],
  },
  {
    name: 'sharing: shared holders whose time is over stay in the set',
    kind: 'shared',
    changes: [
      change(
        SHARED_HOLDERS,
        'if ((set?.score(member) ?? 0) <= this.#now) set?.delete(member);',
        'if ((set?.score(member) ?? 0) < 0) set?.delete(member);',
      ),
    ],
  },
  {
    name: 'sharing: a shared lock is made exclusive by re-entry',
    kind: 'shared',
    oracle: 'upgrades',
    changes: [
      change(
        'lock/reentry.ts',
        "if (mode === 'shared' || !shared) return;",
        'if (mode.length > 0 || !shared) return;',
      ),
    ],
  },
  {
    name: 'sharing: an exclusive lock is adopted as a shared one',
    kind: 'shared',
    oracle: 'modes',
    changes: [
      change(
        'memory/shared-operations.ts',
        'const isOurs = all[position]?.holds(from) === true || all[position]?.holds(token) === true;',
        'const isOurs = all[position]?.holds(from) === true || keyspace.get(key) === from || all[position]?.holds(token) === true;',
      ),
    ],
  },
  {
    name: 'permits: each node counts holders, and gives whatever permit is free there',
    kind: 'permits',
    changes: [
      change(
        'memory/memory-program.ts',
        'const operation = { ...encoded, keyspace, channels };',
        `const seats = Array.from({ length: 4 }, (_, permit) =>
      encoded.keys.map((key) => key.replace(/(:permit:)\\d+$/, '$1' + permit)),
    );
    const own = seats.find(([key = '']) => keyspace.get(key) === encoded.token);
    const free = seats.slice(0, Number(encoded.entries[1])).find(([key = '']) => keyspace.get(key) === null);
    const keys = own ?? (encoded.letter === 'p' ? free : undefined) ?? encoded.keys;
    const operation = { ...encoded, keys, keyspace, channels };`,
      ),
    ],
  },
  {
    name: 'order: the highest counter is not written back to a quorum',
    kind: 'faults',
    changes: [change('attempt/attempt.ts', 'agreed.length < quorum.size', 'agreed.length < 1')],
  },
  {
    name: 'order: an extension counts although a later grant has raised the counter',
    kind: 'wild',
    oracle: 'node order',
    changes: [
      change(
        MEMORY_OPERATIONS,
        'return fence === null || highest(call) <= fence ? 1 : 2;',
        'return 1;',
      ),
    ],
  },
  {
    name: 'order: a confirm lowers a counter that a later grant has raised',
    kind: 'wild',
    oracle: 'node order',
    changes: [change(MEMORY_OPERATIONS, '\n  if (highest(call) > fence) return 0;', '')],
  },
  {
    name: 'loss: the signal of a lost lock is not aborted',
    kind: 'faults',
    oracle: 'loss',
    changes: [change('lock/lease.ts', '    this.#controller?.abort(reason);\n', '')],
  },
  {
    name: 'clean-up: a release that a server has answered with an error is not repeated',
    isRare: true,
    kind: 'faults',
    oracle: 'remains',
    changes: [
      change(
        'node/cleanup/clean-up.ts',
        "if (!answered || vote === 'failed') {",
        'if (!answered) {',
      ),
    ],
  },
  {
    name: 'clean-up: an adoption that fails deletes what it has taken',
    isRare: true,
    kind: 'faults',
    changes: [
      change('attempt/attempt.ts', 'claim.successor = from;\n      // Adopted', '// Adopted'),
    ],
  },
  {
    name: 'afterlife: a healing puts back a lock that was released meanwhile',
    kind: 'faults',
    oracle: 'afterlife',
    changes: [
      change(ADMISSION, '#refuse({ claim }: Operation,', '#refuse({ claim, kind }: Operation,'),
      change(
        ADMISSION,
        'if (claim.over) return NOT_SENT;',
        "if (claim.over && kind !== 'heal') return NOT_SENT;",
      ),
    ],
  },
  {
    name: 'replay: a grant that finds its token there already raises the counter above it',
    kind: 'faults',
    oracle: 'repetition',
    changes: [
      change(
        MEMORY_OPERATIONS,
        'const held = taken ? 0 : highest(call);',
        'const held = taken ? 0 : 0;',
      ),
    ],
  },
  {
    name: 'survival: an extension that has failed is repeated within a tenth of its ttl, not of what is left',
    kind: 'faults',
    oracle: 'retries',
    changes: [
      change(
        'lock/extensions.ts',
        'this.#schedule?.postpone(remaining);',
        'this.#schedule?.postpone(Math.max(this.#lease.ttl, remaining));',
      ),
    ],
  },
  {
    name: 'progress: grants are given to a client that is not connected',
    kind: 'faults',
    oracle: 'progress',
    changes: [
      change(
        ADMISSION,
        "if (!this.#connection.isUsable) return 'wait';",
        "if (!this.#connection.isUsable && operation.kind === 'inspect') return 'wait';",
      ),
    ],
  },
  {
    name: 'progress: an adapter that throws takes others with it',
    kind: 'faults',
    oracle: 'errors',
    changes: [
      change(
        'node/guarded-node.ts',
        'try {\n      return this.#node.ready;\n    } catch (error) {\n      this.#mistake = error;\n      return false;\n    }',
        'return this.#node.ready;',
      ),
    ],
  },
  {
    name: 'progress: an observer is told the same twice',
    kind: 'faults',
    oracle: 'observation',
    changes: [
      change(
        'election/observation.ts',
        'if (token !== undefined && token !== told) {',
        'if (token !== undefined) {',
      ),
    ],
  },
];
