import { Attempts } from '../attempt/attempt.js';
import { SPLIT_RETRIES, splitPause } from '../attempt/split-vote.js';
import { settle } from '../node/cleanup/ledger.js';
import { GuardedNode } from '../node/guarded-node.js';
import { Claim } from '../protocol/claim.js';
import { lockKeysOf, requireSharedSlot, type LockKeys } from '../protocol/lock-keys.js';
import { parseResources } from '../protocol/resource.js';
import { requireToken } from '../protocol/word.js';
import { Quorum } from '../quorum/quorum.js';
import type { RedisNode } from '../redis-node.js';
import { requireNumber } from '../settings/argument.js';
import { parseNodes } from '../settings/node-list.js';
import { parseTtl } from '../settings/ttl.js';
import { Pause } from '../time/pause.js';
import { systemRuntime, type Runtime } from '../time/runtime.js';
import { readClocks, Validity } from '../time/validity.js';
import type { Asked, Tell } from './asked.js';
import { Hold } from './hold.js';
import { Tally } from './tally.js';

/** Nobody listens to what becomes of the nodes; their votes say it. */
const UNHEARD = {
  failed: () => {},
  recovered: () => {},
  quarantined: () => {},
  trusted: () => {},
  exceeded: () => {},
};

/** The ttl from which the node timeouts of a token follow that was taken up, in ms, if it is not valid for longer. */
const LEAST_TTL = 5000;

/**
 * Asks the nodes for one thing at a time, and tells how each of them voted. Nothing waits, and nothing is extended by
 * itself. It is for packages that bring a contract of their own, as `redlock-compat` does; programs want `Redlock`.
 *
 * Locks are exclusive and have no fencing token, so the nodes keep nothing but one key for each resource.
 * @example
 * ```ts
 * const rounds = new Rounds(clients.map(ioredisNode));
 * const { outcome: hold, votes } = await rounds.grant('invoice:42', 10_000, 0.01);
 * if (hold === null) console.log(await votes);
 * else await hold.release();
 * ```
 */
export class Rounds {
  readonly #quorum: Quorum;
  readonly #clusters: readonly GuardedNode[];
  readonly #runtime: Runtime;

  /**
   * @param runtime clocks, timers, chance and tokens; only a test brings its own
   * @throws TypeError, RangeError for bad nodes
   */
  constructor(nodes: Iterable<RedisNode>, runtime: Runtime = systemRuntime) {
    const guarded = parseNodes(nodes).map((node) => new GuardedNode(node));
    const settings = { nodeTimeout: undefined, quarantine: true, quarantineTime: undefined };
    this.#quorum = new Quorum(guarded, settings, runtime, UNHEARD);
    this.#clusters = guarded.filter(({ cluster }) => cluster);
    this.#runtime = runtime;
  }

  /** How many nodes there are. */
  get nodes(): number {
    return this.#quorum.nodes;
  }

  /** How many nodes must agree. */
  get quorum(): number {
    return this.#quorum.size;
  }

  /**
   * Asks the nodes once for keys that are free. Tries that split the votes of a free resource with others are repeated
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
    tell?: Tell,
  ): Promise<Asked<Hold | null>> {
    const lockKeys = this.#keysOf(resources);
    parseTtl(ttl, driftFactor);
    const services = { quorum: this.#quorum, runtime: this.#runtime };
    const newToken = (): string => this.#runtime.token();
    const attempts = new Attempts(this.#quorum, this.#runtime, driftFactor, newToken);
    for (let retries = 0; ; retries++) {
      const tally = new Tally(this.nodes, tell);
      const { votes } = tally;
      const observe = tally.count.bind(tally);
      const attempt = await attempts.make({ lockKeys, ttl, above: 0 }, undefined, null, observe);
      if (attempt.granted) {
        return { outcome: new Hold(services, attempt.claim, attempt.validity, ttl), votes };
      }
      if (attempt.refusal !== 'split' || retries === SPLIT_RETRIES) return { outcome: null, votes };
      const ms = splitPause(attempt.responses, retries, this.#runtime);
      await new Pause(ms, this.#runtime, []).over;
    }
  }

  /**
   * Takes up a token that the nodes hold already, which another process may have written. Asks no node.
   * @param ms for how long from now the token is known to be valid; not positive: not any more, so it can be released
   * only
   * @throws TypeError, RangeError for bad arguments
   */
  hold(resources: string | readonly string[], token: string, ms: number): Hold {
    const lockKeys = this.#keysOf(resources);
    requireToken(token);
    requireNumber('ms', ms, 'finite', Number.isFinite);
    const claim = new Claim(lockKeys, token);
    // Nobody here knows for how long the nodes keep the keys, so a release that is owed is owed until it is paid.
    claim.ttl = Infinity;
    for (let node = 0; node < this.nodes; node++) settle(claim, node);
    const validity = Validity.since(readClocks(this.#runtime), ms);
    const ttl = Math.max(ms, LEAST_TTL);
    return new Hold({ quorum: this.#quorum, runtime: this.#runtime }, claim, validity, ttl);
  }

  /** Ends timers and waits. The clients of the caller stay open. */
  async close(): Promise<void> {
    await this.#quorum.close();
  }

  #keysOf(resources: string | readonly string[]): LockKeys {
    const names = parseResources(resources, '');
    const lockKeys = lockKeysOf(names, '', false, this.#clusters);
    for (const cluster of this.#clusters) requireSharedSlot(lockKeys, names, cluster);
    return lockKeys;
  }
}
