import { RESERVED } from '../protocol/operation.js';
import type { Keyspace } from './keyspace.js';

/** Publishes a message, and returns how many subscribers there were. */
export type Publish = (channel: string, message: string) => number;

/** The processes that wait for a key, as one memory node has them: the twin of the script's queues. */
export class Queue {
  readonly #keyspace: Keyspace;
  readonly #key: string;

  /** @param key the one that the queue itself has in the keyspace */
  constructor(keyspace: Keyspace, key: string) {
    this.#keyspace = keyspace;
    this.#key = key;
  }

  /** The value of a key that is reserved for the process with an entry. */
  static reservationOf(entry: string): string | undefined {
    return partsOf(memberOf(entry))?.reservation;
  }

  get size(): number {
    return this.#keyspace.sortedSet(this.#key)?.size ?? 0;
  }

  /** @returns the ticket, and how many stand before this process; nothing, if the key is no queue */
  enter(entry: string): readonly number[] {
    const [given, expiry] = entry.split(':', 2).map(Number);
    if (given === undefined || expiry === undefined) return [];
    const ticket = given > 0 ? given : this.#keyspace.clock.wallNow() * 1000 + given;
    const member = memberOf(entry);
    const set = this.#keyspace.addTo(this.#key, member, ticket, expiry);
    return set ? [ticket, set.rank(member)] : [];
  }

  leave(entry: string): void {
    this.#delete(memberOf(entry));
  }

  /**
   * Does what the entry of a release says.
   * @returns the value of a key that is reserved for the process, if the release frees such a key too
   */
  update(given: string): string | undefined {
    const what = given.charAt(0);
    const entry = given.slice(1);
    if (what === '-') this.#delete(entry);
    else if (entry !== '') this.enter(entry);
    if (what === '=' || what === '') return undefined;
    return partsOf(what === '-' ? entry : memberOf(entry))?.reservation;
  }

  /** Calls the first process, reserves `key` for it, and tells the one behind it to stand by. */
  callFirst(key: string, publish: Publish): void {
    const [, permit] = /:permit:(\d+)$/.exec(key) ?? [];
    const called = this.#tellFirst(permit === undefined ? 'called' : `called ${permit}`, publish);
    if (!called) return;
    this.#delete(called.member);
    this.#keyspace.set(key, called.reservation, called.ms);
    this.#tellFirst(`stand by ${called.ms}`, publish);
  }

  /** Tells the first process that hears it. Those before it leave the queue. */
  #tellFirst(message: string, publish: Publish) {
    for (const member of this.#keyspace.sortedSet(this.#key)?.members ?? []) {
      const told = partsOf(member);
      if (told && publish(told.channel, message) > 0) return { member, ...told };
      this.#delete(member);
    }
    return undefined;
  }

  #delete(member: string): void {
    const set = this.#keyspace.sortedSet(this.#key);
    set?.delete(member);
    if (set?.size === 0) this.#keyspace.delete(this.#key);
  }
}

function memberOf(entry: string): string {
  return entry.replace(/^-?\d+:\d+:/, '');
}

function partsOf(member: string) {
  const [, ms, channel] = /^(\d+):(.*)$/s.exec(member) ?? [];
  if (channel === undefined) return undefined;
  return { ms: Number(ms), channel, reservation: RESERVED + channel.replace(/^.*:/s, '') };
}
