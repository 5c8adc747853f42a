import { GuardedNode } from '../node/guarded-node.js';
import { Claim } from '../protocol/operations.js';
import { lockKeysOf, requireSharedSlot, type LockKeys } from '../protocol/keys.js';
import { parseResources } from '../lease/request.js';
import { requireToken } from '../protocol/token.js';
import { SPLIT_RETRIES, splitPause } from '../quorum/backoff.js';
import { Quorum } from '../quorum/quorum.js';
import type { RedisNode } from '../redis-node.js';
import { requireNumber } from '../settings/argument.js';
import { parseNodes } from '../settings/settings.js';
import { Pause } from '../time/pause.js';
import { systemRuntime, type Runtime } from '../time/runtime.js';
import { parseTtl, readClocks, Validity } from '../time/validity.js';
import { Hold, voteCollector, type HoldServices, type Round, type VoteListener } from './hold.js';

/** No listener learns what becomes of the nodes; their votes say it. */
const NO_EVENTS = {
  failed: () => {},
  recovered: () => {},
  quarantined: () => {},
  trusted: () => {},
  clock: () => {},
  exceeded: () => {},
};

/** The drift differs from call to call, so it is taken off afterwards. */
const SETTINGS = {
  nodeTimeout: undefined,
  quarantine: true,
  quarantineTime: undefined,
  driftFactor: 0,
  owner: undefined,
} as const;

/**
 * Makes one request to the nodes at a time, and reports how each of them voted. Nothing waits, and nothing is extended by
 * itself. It is for packages that bring a contract of their own, as `redlock-compat` does; programs want `Redlock`.
 *
 * Locks are exclusive and have no fencing token, so the nodes keep only one key for each resource.
 * @example
 * ```ts
 * const rounds = new Rounds(clients.map((client) => ioredisNode(client)));
 * const { outcome: hold, votes } = await rounds.grant('invoice:42', 10_000, 0.01);
 * if (hold === null) console.log(await votes);
 * else await hold.release();
 * ```
 */
export class Rounds {
  readonly #services: HoldServices;
  readonly #clusters: readonly GuardedNode[];

  /**
   * @param runtime clocks, timers, random numbers and tokens; only a test brings its own
   * @throws TypeError, RangeError for bad nodes
   */
  constructor(nodes: Iterable<RedisNode>, runtime: Runtime = systemRuntime) {
    const guarded = parseNodes(nodes).map((node) => new GuardedNode(node));
    this.#services = { quorum: new Quorum(guarded, SETTINGS, runtime, NO_EVENTS), runtime };
    this.#clusters = guarded.filter(({ cluster }) => cluster);
  }

  /** How many nodes must agree. */
  get quorum(): number {
    return this.#services.quorum.size;
  }

  /**
   * Asks the nodes once for keys that are free. Attempts that split the votes of a free resource with others are repeated
   * a few times after short random pauses; the votes are those of the last one.
   * @param ttl in ms
   * @param driftFactor as in `RedlockOptions`
   * @returns the outcome: null if there was no quorum, and then nothing is left on the nodes
   * @throws TypeError, RangeError for bad arguments
   */
  async grant(
    resources: string | readonly string[],
    ttl: number,
    driftFactor: number,
    onVote?: VoteListener,
  ): Promise<Round<Hold | null>> {
    const keys = this.#keysOf(resources);
    parseTtl(ttl, driftFactor);
    const { quorum, runtime } = this.#services;
    for (let retries = 0; ; retries++) {
      const { votes, collect } = voteCollector(quorum.count, onVote);
      const terms = { keys, ttl, above: 0, queue: null, deadline: Infinity, onVotes: collect };
      const attempt = await quorum.attempt(terms);
      if (attempt.granted) {
        const { claim } = attempt;
        const validity = attempt.validity.shortenedBy(driftFactor * ttl);
        if (validity.remaining(runtime) > 0) {
          return { outcome: new Hold(this.#services, claim, validity), votes };
        }
        void quorum.release(claim);
        return { outcome: null, votes };
      }
      if (attempt.verdict !== 'split' || retries === SPLIT_RETRIES) return { outcome: null, votes };
      await new Pause(splitPause(quorum.roundTrip, retries, runtime), runtime, []).over;
    }
  }

  /**
   * Takes up a token that the nodes hold already, which another process may have written. Asks no node.
   * @param ms for how long from now the token is known to be valid; not positive: not any more, so it can be released
   * only
   * @throws TypeError, RangeError for bad arguments
   */
  hold(resources: string | readonly string[], token: string, ms: number): Hold {
    const keys = this.#keysOf(resources);
    requireToken(token);
    requireNumber('ms', ms, 'finite', Number.isFinite);
    const claim = new Claim(keys, token);
    // No one here knows for how long the nodes keep the keys, so a pending release stays until it is sent.
    claim.ttl = Infinity;
    claim.acquireWrittenOn = Array.from({ length: this.#services.quorum.count }, () => ELSEWHERE);
    const validity = Validity.since(readClocks(this.#services.runtime), ms);
    return new Hold(this.#services, claim, validity);
  }

  /** Ends timers and waits. The clients of the caller stay open. */
  async close(): Promise<void> {
    await this.#services.quorum.close();
  }

  #keysOf(resources: string | readonly string[]): LockKeys {
    const names = parseResources(resources, '');
    const keys = lockKeysOf(names, '', false, this.#clusters);
    for (const cluster of this.#clusters) requireSharedSlot(keys, names, cluster);
    return keys;
  }
}

/** A token that another process may have written was written on no connection of this one. */
const ELSEWHERE = -1;
