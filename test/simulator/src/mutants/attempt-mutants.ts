import type { Mutant } from './mutant.js';

const MEMORY_OPERATIONS = 'memory/memory-operations.ts';

/** Mistakes in how an attempt is made and decided. */
export const ATTEMPT_MUTANTS: readonly Mutant[] = [
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
        right: 'new Claim(lockKeys, this.#newToken())',
        wrong: 'new Claim(lockKeys, ((request as { token?: string }).token ??= this.#newToken()))',
      },
    ],
  },
  {
    name: 'late-grant-counted',
    mistake: 'A late grant of a failed attempt counts for the next',
    changes: [
      {
        file: 'attempt/attempt.ts',
        right: `await quorum.ask(operation, judgeGrant, {
      patience: queue?.patience,
      observe,
      connecting,
    });`,
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
];
