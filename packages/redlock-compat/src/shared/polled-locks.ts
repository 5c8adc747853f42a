import {
  Rounds,
  type ExtensionOutcome,
  type Hold,
  type ReleaseOutcome,
  type Tell,
} from 'redlock-core/internal';
import { nodesOf, quitAll, type QuittableClient } from './clients.js';
import { poll, type Polled } from './polling.js';
import type { Terms } from './terms.js';

/** Locks as redlock 4 and 5 have them: they are asked for again and again, and their owners extend them. */
export class PolledLocks {
  readonly #clients: readonly QuittableClient[];
  readonly #rounds: Rounds;
  /** The holds of the handles that users have, and the keys for which they stand. */
  readonly #holds = new WeakMap<object, { readonly hold: Hold; readonly keys: string }>();
  readonly #quitting = new AbortController();

  /** @throws TypeError, RangeError for bad clients */
  constructor(clients: readonly QuittableClient[]) {
    this.#clients = clients;
    this.#rounds = new Rounds(nodesOf(clients));
  }

  /** How many nodes must agree. */
  get quorum(): number {
    return this.#rounds.quorum;
  }

  /** @throws TypeError, RangeError for bad arguments */
  acquire(
    resources: readonly string[],
    duration: number,
    terms: Terms,
    tell: Tell,
  ): Promise<Polled<Hold | null>> {
    const ask = () => this.#rounds.grant(resources, duration, terms.driftFactor, tell);
    return this.#poll(ask, (hold) => hold !== null, terms);
  }

  /**
   * Ends with the first outcome that no other try can change.
   * @throws TypeError, RangeError for a bad duration
   */
  extend(
    hold: Hold,
    duration: number,
    terms: Terms,
    tell: Tell,
  ): Promise<Polled<ExtensionOutcome>> {
    const ask = () => hold.extend(duration, terms.driftFactor, tell);
    return this.#poll(ask, (outcome) => outcome !== 'unreachable', terms);
  }

  /** For a hold whose validity has ended, the first outcome is final. */
  async release(
    hold: Hold,
    terms: Terms,
    tell: Tell,
  ): Promise<Polled<ReleaseOutcome> & { readonly isExpired: boolean }> {
    const isExpired = hold.remaining() === 0 && !hold.isTaken;
    const ask = () => hold.release(tell);
    const isFinal = (outcome: ReleaseOutcome): boolean => isExpired || outcome !== 'unreachable';
    return { ...(await this.#poll(ask, isFinal, terms)), isExpired };
  }

  /** Remembers which hold a handle stands for. */
  bind(handle: object, hold: Hold, resources: readonly string[]): void {
    this.#holds.set(handle, { hold, keys: keysOf(resources, hold.token) });
  }

  /**
   * The hold for which a handle stands. A handle that was made or changed by its user stands for what another handle has
   * got, perhaps in another process.
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

  #poll<T>(
    ask: Parameters<typeof poll<T>>[0],
    isFinal: (outcome: T) => boolean,
    terms: Terms,
  ): Promise<Polled<T>> {
    return poll(ask, isFinal, terms, this.#quitting.signal);
  }
}

function keysOf(resources: readonly string[], value: string): string {
  return JSON.stringify([value, ...resources]);
}

/** When the validity of a hold ends, on the wall clock, in ms. */
export function expirationOf(hold: Hold): number {
  return Date.now() + Math.floor(hold.remaining());
}
