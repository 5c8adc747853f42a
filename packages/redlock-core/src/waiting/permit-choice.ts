import type { Refused } from '../attempt/refused.js';
import { denialsIn } from '../attempt/refusal.js';
import { PermitKeys, permitLine, permitResource } from '../protocol/permit-keys.js';
import type { Runtime } from '../time/runtime.js';

/** What a caller of a semaphore asks for: some permit of these. */
export interface PermitTerms {
  /** The name of the semaphore. */
  readonly name: string;
  readonly permits: number;
  readonly keyPrefix: string;
  readonly fenced: boolean;
  /** How many nodes are a quorum. */
  readonly quorum: number;
  /** The permit to try first; null: any. */
  readonly first: number | null;
  /** Whether a lock of this process holds a permit. */
  readonly isHeldHere: (permit: number) => boolean;
}

/** What a node has told: it keeps a permit for this process. */
export interface PermitCall {
  readonly permit: number;
  readonly node: number;
}

/**
 * After so many split votes in a row for one permit, the next try names another one. Contenders seldom split the votes so
 * often; but what a dead process has left on half of the nodes splits them until its ttl is over.
 */
const MOST_SPLITS = 3;

/** Which permit of a semaphore a caller tries. Each try names one. */
export class PermitChoice {
  readonly #terms: PermitTerms;
  readonly #runtime: Pick<Runtime, 'now' | 'random'>;
  /** The permit that the latest try has named, or the next one names first. */
  #permit: number;
  /** The permit that the next try names; null: there is none that is better than one for which a node has called. */
  #named: number | null;
  /** The split votes in a row for that permit. */
  #splits = 0;
  /** The calls for permits that were not tried since. */
  #calls: readonly PermitCall[] = [];
  /** Until when a permit is reserved for this caller, on the monotonic clock. */
  #calledUntil = -Infinity;

  constructor(terms: PermitTerms, runtime: Pick<Runtime, 'now' | 'random'>) {
    this.#terms = terms;
    this.#runtime = runtime;
    this.#named = terms.first;
    this.#permit = terms.first ?? 0;
  }

  get semaphore(): string {
    return this.#terms.name;
  }

  get permits(): number {
    return this.#terms.permits;
  }

  /** The calls that no try has answered, as long as the permits are reserved. */
  get unanswered(): readonly PermitCall[] {
    return this.#wasCalled ? this.#calls : [];
  }

  /** The keys of the permit that the latest try has named. */
  get keys(): PermitKeys {
    const { name, keyPrefix, permits, fenced } = this.#terms;
    return new PermitKeys(permitLine(name, keyPrefix), this.#permit, permits, fenced);
  }

  /** The resource of the permit that the latest try has named. */
  get resources(): readonly string[] {
    return [permitResource(this.#terms.name, this.#permit)];
  }

  /** Chooses the permit of the next try. */
  next(): PermitKeys {
    const [call] = this.unanswered;
    this.#permit = this.#named ?? call?.permit ?? this.#guess();
    this.#named = null;
    this.#calls = this.unanswered.filter(({ permit }) => permit !== this.#permit);
    return this.keys;
  }

  /**
   * A node keeps a permit for this process.
   * @param reservation for how many ms
   */
  called(call: PermitCall, reservation: number): void {
    if (call.permit >= this.#terms.permits) return;
    this.#calls = [...this.#calls, call];
    this.#calledUntil = this.#runtime.now() + reservation;
  }

  /** This process gives a permit back, and this caller is first in line. */
  released(permit: number): void {
    if (permit < this.#terms.permits) this.#named = permit;
  }

  /**
   * Learns from a try that has failed.
   * @returns whether another permit is free, which the next try names
   */
  refused(refused: Refused): boolean {
    const others = this.#freeIn(refused);
    this.#splits = refused.refusal === 'split' ? this.#splits + 1 : 0;
    if (others.length > 0) this.#name(this.#anyOf(others));
    else if (this.#splits >= MOST_SPLITS) this.#name(this.#guess(this.#permit));
    // Nobody has a quorum for a permit whose votes were split, so that one may still be had.
    else if (refused.refusal === 'split') this.#named ??= this.#permit;
    return others.length > 0;
  }

  /** Whether another permit is free, as far as a try tells that has failed. */
  hasOther(refused: Refused): boolean {
    return this.#freeIn(refused).length > 0;
  }

  /** Marks the entry of a caller that was called: it may take any permit that is reserved for somebody. */
  marked(entries: readonly string[]): readonly string[] {
    return this.#wasCalled ? entries.map((entry) => `*${entry}`) : entries;
  }

  get #wasCalled(): boolean {
    return this.#runtime.now() < this.#calledUntil;
  }

  /**
   * The other permits that a quorum of nodes would grant. A node that has granted the try tells nothing of others, so it
   * counts for none of them.
   */
  #freeIn(refused: Refused): readonly number[] {
    const states = denialsIn(refused).flatMap(({ permits }) => permits ?? []);
    if (states.length < this.#terms.quorum) return [];
    const wasCalled = this.#wasCalled;
    return this.#all.filter(
      (permit) =>
        permit !== this.#permit &&
        states.filter((each) => each.isFree(permit, wasCalled)).length >= this.#terms.quorum,
    );
  }

  #name(permit: number): void {
    this.#named = permit;
    this.#splits = 0;
  }

  /** @param tried a permit that is named only if there is no other */
  #guess(tried?: number): number {
    const others = this.#all.filter(
      (permit) => permit !== tried && !this.#terms.isHeldHere(permit),
    );
    return this.#anyOf(others.length > 0 ? others : this.#all);
  }

  #anyOf(permits: readonly number[]): number {
    return permits[Math.floor(this.#runtime.random() * permits.length)] ?? 0;
  }

  get #all(): readonly number[] {
    return Array.from({ length: this.#terms.permits }, (_, permit) => permit);
  }
}
