import type { Asked } from '../node/request.js';
import type { Claim, Operation } from '../protocol/operations.js';
import { onAbort } from '../time/pause.js';
import type { Response } from './response.js';

/** The votes on one operation so far. */
export interface Tally {
  /** The number of nodes that get the operation. */
  readonly asked: number;
  readonly granted: number;
  readonly denied: number;
  readonly failed: number;
  /** The votes one by one. Perf: they are made when they are read. */
  readonly responses: readonly Response[];
}

/** Decides from the votes so far; `undefined`: it waits for more. It must decide when all nodes have voted. */
export type Judge<V> = (tally: Tally) => V | undefined;

/** Declared as a method, so that a `Ballot<V>` is a `Ballot`. That is sound: only the ballot's own judge gives verdicts. */
type Resolve<V> = { resolve(verdict: V | null): void }['resolve'];

/**
 * One operation, until the votes of the nodes decide it. While all replies are alike, its batch counts for it; from the
 * first reply that differs, it has votes of its own.
 */
export class Ballot<V = unknown> implements Asked, Tally {
  readonly operation: Operation;
  readonly claim: Claim | null;
  /** The positions of the nodes that get the operation; null: all do. */
  readonly only: ReadonlySet<number> | null;
  readonly asked: number;
  /** null: it was abandoned before it was decided. */
  readonly verdict: Promise<V | null>;
  granted = 0;
  denied = 0;
  failed = 0;
  isDecided = false;
  /** Is called with each vote, those after the decision too. */
  observe: ((response: Response) => void) | null = null;
  /** Waits until every node has answered or failed. null: it has not left yet. */
  allAnswered: (() => Promise<void>) | null = null;
  /** The votes that its batch has counted for it, also those that have decided nothing yet. null: it has not left yet. */
  counted: ((operation: Operation) => readonly Response[]) | null = null;
  /** How long it may wait for connections that are being made, in ms; Infinity: as long as the ttl allows. */
  patience = Infinity;
  readonly #judge: Judge<V>;
  #resolve!: Resolve<V>;
  #own: Response[] | null = null;
  /** The votes of its own that came after the decision. */
  #late: readonly Response[] = [];
  #shared: ((operation: Operation) => readonly Response[]) | null = null;

  /** @param nodes how many there are */
  constructor(
    operation: Operation,
    claim: Claim | null,
    nodes: number,
    judge: Judge<V>,
    only: ReadonlySet<number> | null = null,
  ) {
    this.operation = operation;
    this.claim = claim;
    this.only = only;
    this.asked = only?.size ?? nodes;
    this.#judge = judge;
    this.verdict = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Whether all nodes that have voted did what was requested, and all alike. */
  get isAlike(): boolean {
    return this.#own === null && this.failed === 0;
  }

  get responses(): readonly Response[] {
    return this.#own ?? this.#shared?.(this.operation) ?? [];
  }

  /**
   * The votes so far, those after the decision too. Replies of several nodes may be read in one turn: then more votes are
   * known than those that decided before the caller that waits for the verdict goes on.
   */
  get latest(): readonly Response[] {
    return [...(this.#own ?? this.counted?.(this.operation) ?? []), ...this.#late];
  }

  /** Counts votes that are the same for the whole batch. */
  share(
    granted: number,
    failed: number,
    responses: (operation: Operation) => readonly Response[],
  ): void {
    this.granted = granted;
    this.failed = failed;
    this.#shared = responses;
  }

  /** From here on, it counts votes of its own. */
  separate(): void {
    this.#own ??= [...this.responses];
  }

  /** Counts a vote of its own. */
  vote(response: Response): void {
    this.observe?.(response);
    if (this.isDecided) {
      this.#late = [...this.#late, response];
      return;
    }
    (this.#own ??= []).push(response);
    this.#count(response, 1);
  }

  /** A vote that was counted counts as another one now. */
  replace(response: Response): void {
    const own = (this.#own ??= [...this.responses]);
    const position = own.findIndex(({ index }) => index === response.index);
    const former = own[position];
    if (!former) return;
    this.#count(former, -1);
    own[position] = response;
    this.#count(response, 1);
  }

  /** Decides if the votes so far allow that. */
  judge(): boolean {
    if (this.isDecided) return true;
    const verdict = this.#judge(this);
    if (verdict !== undefined) this.#decide(verdict);
    return this.isDecided;
  }

  /** The verdict, or null as soon as a signal aborts: the ballot is then abandoned. */
  async decided(signal: AbortSignal): Promise<V | null> {
    const stop = onAbort(signal, () => this.abandon());
    const verdict = await this.verdict;
    stop();
    return verdict;
  }

  /** The outcome is no longer wanted. */
  abandon(): void {
    if (this.isDecided) return;
    if (this.claim) this.claim.over = true;
    this.#decide(null);
  }

  #decide(verdict: V | null): void {
    this.isDecided = true;
    this.#resolve(verdict);
  }

  #count({ reading: { vote } }: Response, more: number): void {
    if (vote === 'granted') this.granted += more;
    else if (vote === 'denied') this.denied += more;
    else this.failed += more;
  }
}
