import { isReserved, SHARED } from '../protocol/word.js';
import type { Keyspace } from './keyspace.js';
import { SortedSet } from './sorted-set.js';

/** How many tokens a denial tells at most. */
const MOST_TOKENS = 20;

/** The keys of an operation, the keys of their sets, and the keyspace that they are in. */
interface Sets {
  readonly keyspace: Keyspace;
  readonly keys: readonly string[];
  readonly sets: readonly string[];
}

/** The shared holders of a key, as one memory node has them: the twin of the script's sets, script/shared/holders.lua. */
export class SharedHolders {
  readonly #keyspace: Keyspace;
  readonly #key: string;
  readonly #setKey: string;

  private constructor(keyspace: Keyspace, key: string, setKey: string) {
    this.#keyspace = keyspace;
    this.#key = key;
    this.#setKey = setKey;
  }

  /** Those of the key at a position among the keys of an operation. */
  static of(operation: Sets, position: number): SharedHolders {
    const { keyspace, keys, sets } = operation;
    return new SharedHolders(keyspace, keys[position] ?? '', sets[position] ?? '');
  }

  /** Whether the key has shared holders, or is reserved for some. Those whose time is over are removed. */
  get isShared(): boolean {
    if (this.#keyspace.get(this.#key) !== SHARED) return false;
    return !this.#settle();
  }

  /** Whether an exclusive grant may take the key, because nobody but the process with this reservation is left. */
  isVacantFor(reservation: string | undefined): boolean {
    if (this.#keyspace.get(this.#key) !== SHARED || this.#setKey === this.#key) return false;
    if (this.#settle()) return true;
    return this.#members.every((member) => member === reservation);
  }

  /** The tokens of some holders, for a denial. */
  get tokens(): readonly string[] {
    const alive = this.#members.filter((member) => (this.endOf(member) ?? 0) > this.#now);
    const members = alive.slice(0, MOST_TOKENS);
    return members.filter((member) => !isReserved(member)).map((token) => token.slice(0, 64));
  }

  /** All tokens, each with the ms that are left to it, one after the other. */
  get list(): readonly (string | number)[] {
    return this.#members.flatMap((token) =>
      isReserved(token) ? [] : [token, Math.ceil((this.endOf(token) ?? 0) - this.#now)],
    );
  }

  holds(token: string | undefined): boolean {
    return token !== undefined && this.isShared && (this.endOf(token) ?? 0) > this.#now;
  }

  /** When the time of a token ends, by the node's clock in ms; `undefined`: it is no holder. */
  endOf(token: string): number | undefined {
    return this.#set?.score(token);
  }

  /**
   * Makes a token a holder, or keeps it for longer; never for shorter.
   * @param ttl in ms, from now
   */
  holdFor(token: string, ttl: number): void {
    this.holdUntil(token, this.#now + ttl);
  }

  /** The same, until a time by the node's clock in ms. */
  holdUntil(token: string, end: number): void {
    const set = (this.isShared ? this.#set : null) ?? new SortedSet();
    set.add(token, Math.max(set.score(token) ?? 0, end));
    this.#keyspace.set(this.#setKey, set, Infinity);
    this.#keyspace.set(this.#key, SHARED, Infinity);
    this.#settle();
  }

  /** Takes tokens out. The key is free when the last one is. */
  remove(...tokens: readonly string[]): void {
    if (!this.isShared) return;
    for (const token of tokens) this.#set?.delete(token);
    this.#settle();
  }

  get #now(): number {
    return this.#keyspace.clock.now();
  }

  get #set(): SortedSet | null {
    return this.#keyspace.sortedSet(this.#setKey);
  }

  get #members(): readonly string[] {
    return this.#set?.members ?? [];
  }

  /** Removes those whose time is over, and gives the key and the set their expiry. @returns whether the key is free */
  #settle(): boolean {
    const set = this.#set;
    for (const member of this.#members)
      if ((set?.score(member) ?? 0) <= this.#now) set?.delete(member);
    const latest = this.#members.at(-1);
    if (set === null || latest === undefined) {
      this.#keyspace.delete(this.#key);
      return true;
    }
    const end = set.score(latest) ?? 0;
    this.#keyspace.setUntil(this.#key, SHARED, end);
    this.#keyspace.setUntil(this.#setKey, set, end);
    return false;
  }
}
