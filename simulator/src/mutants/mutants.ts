import { CALL_MUTANTS } from './call-mutants.js';
import type { Change, Mutant } from './mutant.js';

const MEMORY_OPERATIONS = 'memory/memory-operations.ts';

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

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'quorum-too-small',
    mistake: 'A quorum is one node too small',
    changes: [
      {
        file: 'quorum/verdict.ts',
        right: 'return Math.floor(nodes / 2) + 1;',
        wrong: 'return Math.max(1, Math.floor(nodes / 2));',
      },
    ],
  },
  {
    name: 'validity-from-the-end',
    mistake: 'Validity is counted from the answers, not from the question',
    changes: [
      {
        file: 'attempt/attempt.ts',
        right: 'Validity.since(start,',
        wrong: 'Validity.since(readClocks(runtime),',
      },
    ],
  },
  {
    name: 'extension-from-the-end',
    mistake: 'An extension is counted from the answers, not from the question',
    changes: [
      {
        file: 'lock/extension.ts',
        right:
          'this.validity = Validity.since(readClocks(runtime), fullValidity(ttl, driftFactor));',
        wrong: `Object.defineProperty(this, 'validity', {
      get: () => Validity.since(readClocks(runtime), fullValidity(ttl, driftFactor)),
    });`,
      },
    ],
  },
  {
    name: 'no-drift',
    mistake: 'Validity leaves no room for drift',
    changes: [
      {
        file: 'time/validity.ts',
        right: 'return ttl - driftOf(ttl, driftFactor);',
        wrong: 'return ttl;',
      },
    ],
  },
  {
    name: 'monotonic-clock-only',
    mistake: 'Elapsed time is read from the monotonic clock alone',
    changes: [
      {
        file: 'time/validity.ts',
        right: 'return Math.min(this.mono - mono, this.wall - wall);',
        wrong: 'return this.mono - mono + 0 * wall;',
      },
    ],
  },
  {
    name: 'wall-clock-only',
    mistake: 'Elapsed time is read from the wall clock alone',
    changes: [
      {
        file: 'time/validity.ts',
        right: 'return Math.min(this.mono - mono, this.wall - wall);',
        wrong: 'return this.wall - wall + 0 * mono;',
      },
    ],
  },
  {
    name: 'no-release-after-failure',
    mistake: 'A failed attempt is not released',
    changes: [
      {
        file: 'attempt/attempt.ts',
        right: 'await this.#withdraw(claim,',
        wrong: 'void ((..._: unknown[]) => this.#withdraw)(claim,',
      },
    ],
  },
  {
    name: 'release-without-comparing',
    mistake: 'A release deletes the key whoever holds it',
    changes: [
      {
        file: MEMORY_OPERATIONS,
        right: 'return keys.filter((key) => keyspace.get(key) === token);',
        wrong: 'return keys.filter((key) => keyspace.get(key) !== null || token === null);',
      },
    ],
  },
  {
    name: 'token-reused',
    mistake: 'All attempts of one acquire use one token',
    changes: [
      {
        file: 'attempt/attempt.ts',
        right: 'new Claim(lockKeys, runtime.token())',
        wrong: 'new Claim(lockKeys, ((request as { token?: string }).token ??= runtime.token()))',
      },
    ],
  },
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
    name: 'late-grant-counted',
    mistake: 'A late grant of a failed attempt counts for the next',
    changes: [
      {
        file: 'attempt/attempt.ts',
        right: 'await quorum.ask(operation, judgeGrant);',
        wrong: `await (async () => {
      const memory = request as { late?: Map<number, Response<GrantDetail>> };
      const before = [...(memory.late ?? new Map<number, Response<GrantDetail>>()).values()];
      const late = (memory.late = new Map<number, Response<GrantDetail>>());
      const withLate = (responses: readonly Response<GrantDetail>[]) => {
        const voted = new Set(responses.filter(({ vote }) => vote !== 'failed').map(({ index }) => index));
        const more = before.filter(({ index }) => !voted.has(index));
        const counted = new Set(more.map(({ index }) => index));
        return [...responses.filter(({ index }) => !counted.has(index)), ...more];
      };
      const { decision, responses } = await quorum.ask(
        operation,
        (votes, nodes) => judgeGrant(withLate(votes), nodes),
        { observe: (response) => { if (claim.over && response.vote === 'granted') late.set(response.index, response); } },
      );
      return { decision, responses: withLate(responses) };
    })();`,
      },
    ],
  },
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
    name: 'grants-in-client-queue',
    mistake: 'Grants are given to a client that is not connected',
    changes: [
      {
        file: 'node/admission-rules.ts',
        right: "if (!this.#connection.isUsable) return 'wait';",
        wrong: "if (!this.#connection.isUsable && operation.kind === 'inspect') return 'wait';",
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
    name: 'no-quarantine',
    mistake: 'A node that has forgotten counts at once',
    changes: [
      {
        file: 'node/identity/quarantine.ts',
        right: 'return start - this.#since >= this.#terms.time.ms;',
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
        right: 'try {\n      return this.#node.ready;\n    } catch {\n      return false;\n    }',
        wrong: 'return this.#node.ready;',
      },
    ],
  },
  ...CALL_MUTANTS,
];
