import type { PermitLock } from '../core.js';
import type { Scene } from '../run/scene.js';
import type { Holding } from '../run/holding.js';
import type { Plan } from '../plan/plan.js';
import { holdersOn } from '../server/sharers.js';
import type { Change, Oracle } from '../run/events.js';

/**
 * A semaphore never has more holders than permits: neither by what holders believe, each by its own clocks, nor by what
 * nodes have. A token counts as a holder's if a quorum of nodes has it under the key of any permit. And a lock says which
 * permit it is.
 */
export class Permits implements Oracle {
  constructor(
    private readonly scene: Scene,
    private readonly semaphore: NonNullable<Plan['semaphore']>,
  ) {}

  acquired(holding: Holding): void {
    const { tally, plan } = this.scene;
    if (this.#believers.length === this.semaphore.permits) tally.fullSemaphores++;
    this.looked(holding);
    this.#judgeNodes();
    const { resources, permit } = holding.lock as PermitLock;
    if (plan.resources[permit] !== resources.join('+'))
      this.#fail(`permit ${permit} is said to be the lock of ${resources.join('+')}`);
  }

  looked(holding: Holding): void {
    if (this.scene.plan.kind === 'wild' || holding.adopted || !holding.believed) return;
    const tokens = this.#believers.map(({ token }) => token);
    if (tokens.length > this.semaphore.permits)
      this.#fail(`${tokens.join(' ')} hold ${this.semaphore.permits} permits`);
  }

  changed({ before, after }: Change): void {
    if (after !== null && after !== before) this.#judgeNodes();
  }

  #judgeNodes(): void {
    const tokens = this.#tokensOnQuorum;
    if (tokens.length > this.semaphore.permits)
      this.#fail(`nodes have ${tokens.join(' ')} as holders of ${this.semaphore.permits} permits`);
  }

  get #believers(): readonly Holding[] {
    return this.scene.holdings.live.filter(
      (each) => each.believed && !each.adopted && each.owner === each,
    );
  }

  get #tokensOnQuorum(): readonly string[] {
    const { servers, plan, quorum } = this.scene;
    const nodes = new Map<string, number>();
    for (const { keyspace } of servers) {
      const tokens = plan.resources.flatMap((resource) => holdersOn(keyspace, resource));
      for (const token of new Set(tokens)) nodes.set(token, (nodes.get(token) ?? 0) + 1);
    }
    return [...nodes.keys()].filter((token) => (nodes.get(token) ?? 0) >= quorum);
  }

  #fail(what: string): void {
    this.scene.fail('permits', what);
  }
}
