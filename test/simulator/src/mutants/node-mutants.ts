import type { Change, Mutant } from './mutant.js';

const HEALED_NODE_ACKNOWLEDGES: Change = {
  file: 'node/identity/quarantine.ts',
  right: 'return this.#runtime.now() - this.#since >= this.#doubtLasts;',
  wrong: 'return this.#runtime.now() >= this.#since;',
};

const GRANT_OF_ANY_CONNECTION_STANDS: Change = {
  file: 'quorum/quorum.ts',
  right: 'return written !== undefined && this.#links[index]?.stands(written) === true;',
  wrong: 'return written !== undefined && this.#links[index] !== undefined;',
};

/** Mistakes about nodes that forget, are connected anew, answer with errors, or have adapters that throw. */
export const NODE_MUTANTS: readonly Mutant[] = [
  {
    name: 'debt-forgotten',
    mistake: 'A new connection does not pay what was owed on the old one',
    changes: [
      {
        file: 'node/cleanup/clean-up.ts',
        right: 'if (entry.open > 0 || entry.releasing === 0) this.debts.release(entry);',
        wrong: '',
      },
    ],
  },
  {
    name: 'no-quarantine',
    mistake: 'A node that has forgotten counts at once',
    changes: [
      {
        file: 'node/identity/quarantine.ts',
        right: 'return start - this.#since >= this.#ms;',
        wrong: 'return start >= this.#since;',
      },
    ],
  },
  {
    name: 'resent-grant-counts',
    mistake: 'A grant that a client sent again counts before the server has said who it is',
    changes: [
      {
        file: 'node/identity/identity.ts',
        right: 'return this.#known === connection && this.#quarantine.isOver(start);',
        wrong:
          'return connection !== this.#connection || (this.#known === connection && this.#quarantine.isOver(start));',
      },
      GRANT_OF_ANY_CONNECTION_STANDS,
    ],
  },
  {
    name: 'identity-asked-once',
    mistake: 'After a reconnection nobody asks whether it is the same server',
    changes: [
      {
        file: 'node/identity/identity.ts',
        right: 'this.#connection = connection;\n    this.#known = -1;',
        wrong:
          'this.#connection = connection;\n    if (this.#known >= 0) this.#known = connection;',
      },
    ],
  },
  {
    name: 'forgotten-grant-counts',
    mistake:
      'A grant counts although its node was connected anew before the attempt is decided, and a node that has ' +
      'forgotten and was healed counts for an extension at once',
    changes: [GRANT_OF_ANY_CONNECTION_STANDS, HEALED_NODE_ACKNOWLEDGES],
  },
  {
    name: 'old-grant-counts',
    mistake: 'A grant counts however long ago it was when its attempt is decided',
    changes: [
      {
        file: 'quorum/quorum.ts',
        right: 'const earliest = now.mono + stoodFor - this.longestAttempt;',
        wrong: 'const earliest = Math.min(-Infinity, stoodFor);',
      },
    ],
  },
  {
    name: 'old-grant-counts-after-suspension',
    mistake: 'The age of a grant is read from the monotonic clock alone',
    changes: [
      {
        file: 'quorum/quorum.ts',
        right: 'const earliest = now.mono + stoodFor - this.longestAttempt;',
        wrong: 'const earliest = now.mono + 0 * stoodFor - this.longestAttempt;',
      },
    ],
  },
  {
    name: 'grant-timed-after-its-write',
    mistake: 'The age of a grant is counted from after the call that writes it',
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
    name: 'refused-release-forgotten',
    mistake: 'A release that a server has answered with an error is not repeated',
    changes: [
      {
        file: 'node/cleanup/clean-up.ts',
        right: "if (!answered || vote === 'failed') {",
        wrong: 'if (!answered) {',
      },
    ],
  },
  {
    name: 'adapter-unguarded',
    mistake: 'An adapter whose `ready` throws takes others with it',
    changes: [
      {
        file: 'node/guarded-node.ts',
        right:
          'try {\n      return this.#node.ready;\n    } catch (error) {\n      this.#mistake = error;\n      return false;\n    }',
        wrong: 'return this.#node.ready;',
      },
    ],
  },
];
