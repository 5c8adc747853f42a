import type { Vote } from 'redlock-core';
import {
  Rounds,
  type ExtensionOutcome,
  type Hold,
  type ReleaseOutcome,
  type Round,
  type VoteListener,
} from 'redlock-core/internal';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { quitAll, type QuittableClient } from './clients.js';

/**
 * How an operation is tried, and how its validity is calculated: as `Settings` of redlock 5.
 * @internal
 */
export interface Terms {
  readonly driftFactor: number;
  readonly retryCount: number;
  readonly retryDelay: number;
  readonly retryJitter: number;
}

/**
 * Those of redlock 4 and of redlock 5.
 * @internal
 */
export const DEFAULT_TERMS: Terms = {
  driftFactor: 0.01,
  retryCount: 10,
  retryDelay: 200,
  retryJitter: 100,
};

/**
 * Returns the given terms, with defaults for the missing ones. A given 0 counts.
 * @throws TypeError for a term that is not a number
 * @internal
 */
export function termsOf<T extends Terms>(given: Partial<T> | undefined, others: T): T {
  const names = Object.keys(others) as (keyof T & string)[];
  const terms = names.map((name) => [name, numberOf(name, given?.[name] ?? others[name])]);
  return Object.fromEntries(terms) as T;
}

function numberOf(name: string, value: unknown): number {
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw new TypeError(`The setting ${name} must be a number, not ${String(value)}`);
}

/**
 * Why each node did not vote for an operation in one attempt, in the order of the clients; null: it did. Resolves when every
 * node has voted or has had its time. It is empty if no request was sent.
 * @internal
 */
export type Objections = Promise<readonly (Error | null)[]>;

/**
 * The outcome of one or more attempts, and the votes in each of them.
 * @internal
 */
export interface Polled<T> {
  readonly outcome: T;
  readonly tries: readonly Objections[];
}

/** Makes the error for a node that denies; without it, a denial is no error. */
type Denial = () => Error;

/** The longest delay of a timer, in ms. Node fires a timer with a longer delay at once. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * Locks as redlock 4 and 5 have them: acquired by polling, and extended by their owners.
 * @internal
 */
export class PolledLocks {
  /** How many nodes must agree. */
  readonly quorum: number;
  readonly #clients: readonly QuittableClient[];
  readonly #emit: (error: Error) => void;
  readonly #rounds: Rounds;
  /** The hold and the keys that each handle of the user stands for. */
  readonly #holds = new WeakMap<object, { readonly hold: Hold; readonly keys: string }>();
  readonly #quitting = new AbortController();

  /**
   * @param emit is called with each objection as it comes in: once for each node and attempt
   * @throws TypeError, RangeError for clients that are not of ioredis or iovalkey
   */
  constructor(clients: readonly QuittableClient[], emit: (error: Error) => void) {
    this.#clients = clients;
    this.#emit = emit;
    this.#rounds = new Rounds(clients.map((client) => ioredisNode(client)));
    this.quorum = this.#rounds.quorum;
  }

  /** @throws TypeError, RangeError for bad arguments */
  acquire(
    resources: readonly string[],
    duration: number,
    terms: Terms,
    denial?: Denial,
  ): Promise<Polled<Hold | null>> {
    const { driftFactor } = terms;
    return this.#poll(
      (onVote) => this.#rounds.grant(resources, duration, driftFactor, onVote),
      (hold) => hold !== null,
      terms,
      denial,
    );
  }

  /**
   * Ends with the first outcome that no other try can change.
   * @throws TypeError, RangeError for a bad duration
   */
  extend(
    hold: Hold,
    duration: number,
    terms: Terms,
    denial?: Denial,
  ): Promise<Polled<ExtensionOutcome>> {
    return this.#poll(
      (onVote) => hold.extend(duration, terms.driftFactor, onVote),
      (outcome) => outcome !== 'unreachable',
      terms,
      denial,
    );
  }

  /** For a hold whose validity has ended, the first outcome is final. */
  async release(
    hold: Hold,
    terms: Terms,
    denial?: Denial,
  ): Promise<Polled<ReleaseOutcome> & { readonly isExpired: boolean }> {
    const isExpired = hold.remaining() === 0 && !hold.isTaken;
    const polled = await this.#poll(
      (onVote) => hold.release(onVote),
      (outcome) => isExpired || outcome !== 'unreachable',
      terms,
      denial,
    );
    return { ...polled, isExpired };
  }

  /** Remembers which hold a handle stands for. */
  bind(handle: object, hold: Hold, resources: readonly string[]): void {
    this.#holds.set(handle, { hold, keys: keysOf(resources, hold.token) });
  }

  /**
   * The hold that a handle stands for. A handle that its user has made or changed stands for the lock of another handle,
   * perhaps in another process.
   * @param expiration on the wall clock, in ms
   * @throws TypeError, RangeError for bad resources or a bad value
   */
  holdOf(handle: object, resources: readonly string[], value: string, expiration: number): Hold {
    const known = this.#holds.get(handle);
    if (known?.keys === keysOf(resources, value)) return known.hold;
    const hold = this.#rounds.hold(resources, value, expiration - Date.now());
    this.bind(handle, hold, resources);
    return hold;
  }

  /** Ends polling, and quits the clients. */
  async quit(): Promise<unknown[]> {
    this.#quitting.abort();
    try {
      return await quitAll(this.#clients);
    } finally {
      await this.#rounds.close();
    }
  }

  /** Makes attempts until the outcome is final, the terms allow no more of them, or the clients are quit. */
  async #poll<T>(
    attempt: (onVote: VoteListener) => Promise<Round<T>>,
    isFinal: (outcome: T) => boolean,
    { retryCount, retryDelay, retryJitter }: Terms,
    denial: Denial | undefined,
  ): Promise<Polled<T>> {
    const tries: Objections[] = [];
    const { signal } = this.#quitting;
    for (;;) {
      const objections: (Error | null)[] = [];
      const { outcome, votes } = await attempt(this.#listener(objections, denial));
      tries.push(votes.then(() => objections));
      const isLast = isFinal(outcome) || (retryCount >= 0 && tries.length > retryCount);
      if (isLast || signal.aborted) return { outcome, tries };
      const pause = retryDelay + Math.floor((Math.random() * 2 - 1) * retryJitter);
      await new Promise((resolve) => {
        setTimeout(resolve, Math.min(Math.max(0, pause), MAX_TIMER));
      });
      if (signal.aborted) return { outcome, tries };
    }
  }

  /** Fills in the objections of one attempt, and emits them as they come in. */
  #listener(objections: (Error | null)[], denial: Denial | undefined): VoteListener {
    // In one attempt, a node votes again if contenders have split the votes.
    const emitted = new Set<number>();
    return (vote, node) => {
      const objection = objectionTo(vote, this.#clients[node], denial);
      objections[node] = objection;
      // A node without a request, because the others had decided before, has no error.
      if (!objection || vote.error?.code === 'NOT_SENT' || emitted.has(node)) return;
      emitted.add(node);
      try {
        this.#emit(objection);
      } catch {
        // A listener that throws must not end the work on a lock.
      }
    };
  }
}

/** Why a node did not vote for an operation. */
function objectionTo(
  { node, result, error }: Vote,
  client: QuittableClient | undefined,
  denial: Denial | undefined,
): Error | null {
  if (result === 'denied' && denial) return denial();
  if (!error) return null;
  const { name, code, message } = error;
  // ioredis rejects each command of a client that has ended with this message, whatever the reason.
  const said =
    client?.status === 'end'
      ? new Error('Connection is closed.', { cause: new Error(message) })
      : new Error(message);
  return Object.assign(said, { name, code, node });
}

function keysOf(resources: readonly string[], value: string): string {
  return JSON.stringify([value, ...resources]);
}

/**
 * When the validity of a hold ends, on the wall clock, in ms.
 * @internal
 */
export function expirationOf(hold: Hold): number {
  return Date.now() + Math.floor(hold.remaining());
}
