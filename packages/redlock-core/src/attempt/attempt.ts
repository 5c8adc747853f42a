import { Claim } from '../protocol/claim.js';
import type { Connecting, Judge, Quorum } from '../quorum/quorum.js';
import type { Runtime } from '../time/runtime.js';
import type { Response } from '../node/response.js';
import { adopt, confirm, grant, release } from '../protocol/operation.js';
import type { GrantDetail } from '../protocol/reading.js';
import { isQuiet } from './refusal.js';
import type { QueueTerms } from './queue-terms.js';
import type { Refused } from './refused.js';
import type { Request } from './request.js';
import { fullValidity, readClocks, Validity } from '../time/validity.js';
import {
  agreementOn,
  judgeAll,
  judgeConfirm,
  judgeGrant,
  judgeRelease,
  type ConfirmVerdict,
  type GrantVerdict,
} from '../quorum/verdict.js';

/** An attempt that got the lock. */
export interface Granted {
  readonly granted: true;
  readonly claim: Claim;
  readonly validity: Validity;
}

/** What an attempt ended with. */
export type Attempt = Granted | Refused;

/** What the rounds of an attempt were decided with. */
interface Outcome {
  decision: GrantVerdict | ConfirmVerdict | 'late' | 'stale';
  responses: Refused['responses'];
}

/** The release of an attempt that has failed. */
interface Withdrawal {
  /** What it does in the queues; `undefined`: the claim says whether it calls the next. */
  readonly entries: readonly string[] | undefined;
  /** The nodes that are released later. */
  readonly except: ReadonlySet<number> | undefined;
}

const NONE: ReadonlySet<number> = new Set();

/** Makes attempts: each asks every node once, and leaves nothing on the nodes if it fails. */
export class Attempts {
  readonly #quorum: Quorum;
  readonly #runtime: Runtime;
  readonly #driftFactor: number;
  readonly #newToken: () => string;

  constructor(quorum: Quorum, runtime: Runtime, driftFactor: number, newToken: () => string) {
    this.#quorum = quorum;
    this.#runtime = runtime;
    this.#driftFactor = driftFactor;
    this.#newToken = newToken;
  }

  /**
   * Makes one attempt.
   * @param from the token that the keys must hold, if a lock is adopted; without it, the keys must be free
   * @param queue null: a denied attempt enters no queue
   * @param observe is called with every response to the grant, also with those that come after the decision
   * @param connecting for how long it waits for connections that are being made; by default, as nodes allow
   */
  async make(
    request: Pick<Request, 'lockKeys' | 'ttl' | 'above'>,
    from?: string,
    queue: QueueTerms | null = null,
    observe?: (response: Response<GrantDetail>) => void,
    connecting?: Connecting,
  ): Promise<Attempt> {
    const { lockKeys, ttl, above } = request;
    const quorum = this.#quorum;
    const runtime = this.#runtime;
    const claim = new Claim(lockKeys, this.#newToken());
    if (from !== undefined) {
      // Until the adoption has succeeded, a release gives the keys back to the former token.
      claim.successor = from;
      // Adopted keys keep their expiry if it is later, and nobody here knows it.
      claim.ttl = Infinity;
    }
    queue?.deferred.send(quorum);
    const start = readClocks(runtime);
    const proposal = Math.max(runtime.proposal(), above + 1);
    const operation =
      from === undefined
        ? grant(claim, ttl, proposal, queue?.entries)
        : adopt(claim, ttl, proposal, from);
    const grants = await quorum.ask(operation, judgeGrant, {
      patience: queue?.patience,
      observe,
      connecting,
    });
    let { decision, responses }: Outcome = grants;
    let footing: readonly Response[] = [];
    if (decision === 'granted') {
      const { fencingToken, agreed } = agreementOn(grants.responses);
      claim.fencingToken = fencingToken;
      footing = agreed;
      if (agreed.length < quorum.size) {
        ({ decision, responses } = await this.#agree(claim, ttl, grants.responses, agreed));
        footing = grantsBehind(responses, grants.responses);
      }
    }
    if (decision === 'granted' || decision === 'confirmed') {
      const now = readClocks(runtime);
      const validity = Validity.since(start, fullValidity(ttl, this.#driftFactor));
      if (validity.remainingAt(now) <= 0) decision = 'late';
      else if (quorum.standing(footing, start, now) < quorum.size) decision = 'stale';
      else {
        claim.successor = null;
        return { granted: true, claim, validity };
      }
    }
    const refused: Refused = { granted: false, refusal: decision, responses };
    claim.over = true;
    claim.quiet = isQuiet(refused, quorum.size);
    queue?.deferred.defer(claim, grants.responses);
    await this.#withdraw(claim, ttl, grants.responses, {
      entries: queue?.withdrawal(refused, claim.quiet),
      except: queue?.deferred.nodes,
    });
    return refused;
  }

  /** Releases a claim that was granted after its caller had gone. */
  async giveUp(claim: Claim, { ttl }: Request): Promise<void> {
    claim.over = true;
    await this.#quorum.ask(release(claim, ttl), judgeRelease);
  }

  /**
   * Brings one fencing token to a quorum: writes the highest counter back to nodes whose counters differ, unless a
   * later grant has raised theirs above it (docs/decisions/confirm-round.md).
   * @param agreed the grants of nodes whose counter it is already
   */
  async #agree(
    claim: Claim,
    ttl: number,
    grants: readonly Response<GrantDetail>[],
    agreed: readonly Response<GrantDetail>[],
  ): Promise<Outcome> {
    // A node whose grant is still under way may confirm too, because the confirm follows the grant on the same
    // connection.
    const settled = grants.filter((each) => each.vote !== 'granted' || agreed.includes(each));
    const { decision, responses } = await this.#quorum.ask(
      confirm(claim, ttl),
      (confirms, nodes) => judgeConfirm(agreed.length, this.#quorum.size, confirms, nodes),
      { except: new Set(settled.map(({ index }) => index)) },
    );
    return { decision, responses: [...settled, ...responses] };
  }

  /**
   * Releases the claim everywhere, and waits for the nodes that granted: they answer, and what they hold keeps others
   * out.
   */
  async #withdraw(
    claim: Claim,
    ttl: number,
    grants: readonly Response[],
    { entries, except = NONE }: Withdrawal,
  ): Promise<void> {
    if (except.size === this.#quorum.nodes) return;
    const granted = grantsIn(grants).map(({ index }) => index);
    const judge: Judge<number, boolean> = (releases, nodes) => {
      const voted = new Set(releases.map(({ index }) => index));
      return granted.every((index) => voted.has(index)) || judgeAll(releases, nodes);
    };
    const released = this.#quorum.ask(release(claim, ttl, { entries }), judge, { except });
    if (granted.length > 0) await released;
  }
}

function grantsIn(responses: readonly Response[]): readonly Response[] {
  return responses.filter(({ vote }) => vote === 'granted');
}

/**
 * The grants of the nodes that confirmed. If a node's grant was still under way when it confirmed, the confirm stands
 * for the grant, because it follows the grant on the same connection.
 */
function grantsBehind(
  confirms: readonly Response[],
  grants: readonly Response[],
): readonly Response[] {
  return grantsIn(confirms).map(
    (confirmed) => grants.find(({ index }) => index === confirmed.index) ?? confirmed,
  );
}
