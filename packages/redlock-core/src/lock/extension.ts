import type { Response } from '../node/response.js';
import { extend } from '../protocol/operation.js';
import type { ExtendDetail } from '../protocol/reading.js';
import type { Decision, Quorum } from '../quorum/quorum.js';
import { judgeExtend, type ExtendVerdict } from '../quorum/verdict.js';
import type { Runtime } from '../time/runtime.js';
import { fullValidity, readClocks, Validity } from '../time/validity.js';
import type { Extendable } from './extendable.js';
import { Healing } from './healing.js';

export interface RoundServices {
  readonly quorum: Quorum;
  readonly runtime: Runtime;
  readonly driftFactor: number;
}

/** A lease, as one extension sees it. */
type Extended = Pick<Extendable, 'claim' | 'isOver'>;

/** One extension of a lease: the round, the validity that it gives if it succeeds, and the healing that follows. */
export class Extension {
  readonly validity: Validity;
  readonly #quorum: Quorum;
  readonly #lease: Extended;
  readonly #ttl: number;
  readonly #healing: Healing;
  #unreachable = true;

  constructor(services: RoundServices, lease: Extended, ttl: number) {
    const { quorum, runtime, driftFactor } = services;
    this.validity = Validity.since(readClocks(runtime), fullValidity(ttl, driftFactor));
    this.#quorum = quorum;
    this.#lease = lease;
    this.#ttl = ttl;
    this.#healing = new Healing(quorum, lease.claim, ttl);
  }

  /** Whether fewer than a quorum of nodes have answered so far. */
  get unreachable(): boolean {
    return this.#unreachable;
  }

  /**
   * Asks all nodes. Never rejects.
   * @param observe is called with every response, also with those that come after the decision
   */
  ask(
    observe?: (response: Response<ExtendDetail>) => void,
  ): Promise<Decision<ExtendDetail, ExtendVerdict>> {
    return this.#quorum.ask(
      extend(this.#lease.claim, this.#ttl),
      (responses, nodes) => this.#judge(responses, nodes),
      {
        observe: (response) => {
          if (!this.#lease.isOver) this.#healing.observe(response);
          observe?.(response);
        },
      },
    );
  }

  /** Puts the lock back on nodes that lack it, because the extension has succeeded. */
  heal(): void {
    this.#healing.begin();
  }

  #judge(responses: readonly Response<ExtendDetail>[], nodes: number): ExtendVerdict | undefined {
    const answered = responses.filter(({ vote }) => vote !== 'failed').length;
    this.#unreachable = answered < this.#quorum.size;
    return judgeExtend(responses, nodes);
  }
}
