import type { EncodedOperation } from '../protocol/commands.js';
import { SHARED } from '../protocol/token.js';
import type { Keyspace } from './keyspace.js';
import { SortedSet } from './sorted-set.js';

/** How many tokens a denial names at most. */
const MAX_TOKENS = 20;

/** The shared holders of a key, as one memory node has them: the twin of script/large/shared.ts. */
export class SharedHolders {
  readonly #keyspace: Keyspace;
  readonly #key: string;
  readonly #set: string;

  /** Those of the key at a position among the keys of an operation. */
  constructor(keyspace: Keyspace, { keys, sets }: EncodedOperation, position: number) {
    this.#keyspace = keyspace;
    this.#key = keys[position] ?? '';
    this.#set = sets[position] ?? '';
  }

  /** Whether the key has shared holders. A key that says so although its set is missing stays held. */
  get isShared(): boolean {
    if (this.#keyspace.get(this.#key) !== SHARED) return false;
    const latest = this.#members.at(-1);
    return latest !== undefined && this.endOf(latest) !== null;
  }

  /** The start of the tokens of some holders. */
  get tokens(): readonly string[] {
    return this.#livingMembers(MAX_TOKENS).map((token) => token.slice(0, 64));
  }

  /** All tokens, each with the ms that are left to it, one after the other. */
  get list(): readonly (string | number)[] {
    return this.#livingMembers(Infinity).flatMap((token) => [
      token,
      (this.endOf(token) ?? 0) - this.#keyspace.now,
    ]);
  }

  /** Until when a token shares the key, by the node's clock in ms; null: it does not. */
  endOf(token: string): number | null {
    if (this.#keyspace.get(this.#key) !== SHARED) return null;
    this.#keyspace.members(this.#set);
    const end = this.#keyspace.sortedSet(this.#set)?.score(token) ?? 0;
    return end > this.#keyspace.now ? end : null;
  }

  /** Makes a token a holder until a time by the node's clock, or until later. A set that was left over is deleted. */
  add(token: string, end: number): void {
    if (this.#keyspace.get(this.#key) !== SHARED) this.#keyspace.delete(this.#set);
    this.#keyspace.members(this.#set);
    const set = this.#keyspace.sortedSet(this.#set) ?? new SortedSet();
    set.add(token, Math.max(set.score(token) ?? 0, end));
    this.#keyspace.setUntil(this.#set, set, Infinity);
    this.#settle(set);
  }

  /** Removes a token. The key is free when the last one is removed. */
  remove(token: string): void {
    const set = this.#keyspace.sortedSet(this.#set);
    set?.delete(token);
    this.#settle(set);
  }

  /** @throws ErrorReply if the set is of another type */
  get #members(): readonly string[] {
    return this.#keyspace.members(this.#set);
  }

  /** Perf: those that have expired come first, so a crowd of holders costs each of them the same. */
  #livingMembers(limit: number): readonly string[] {
    const members = this.#members;
    const set = this.#keyspace.sortedSet(this.#set);
    const first = members.findIndex((member) => (set?.score(member) ?? 0) > this.#keyspace.now);
    return first < 0 ? [] : members.slice(first, first + limit);
  }

  /** Removes those whose time has passed, and gives the key and the set their expiry. */
  #settle(set: SortedSet | null): void {
    for (const member of set?.members ?? []) {
      if ((set?.score(member) ?? 0) > this.#keyspace.now) break;
      set?.delete(member);
    }
    const latest = set?.members.at(-1);
    if (!set || latest === undefined) {
      this.#keyspace.delete(this.#key);
      return;
    }
    const end = set.score(latest) ?? 0;
    this.#keyspace.setUntil(this.#key, SHARED, end);
    this.#keyspace.setUntil(this.#set, set, end);
  }
}
