import { RESERVED } from '../protocol/word.js';
import type { Keyspace } from './keyspace.js';
import type { SharedHolders } from './shared-holders.js';

/** The channels of a memory node. */
export interface Channels {
  /** Publishes a message, and returns how many subscribers there were. */
  publish(channel: string, message: string): number;
  /** How many subscribers a channel has. */
  receivers(channel: string): number;
}

/** The processes that wait for a key, as one memory node has them: the twin of the script's queues. */
export class Queue {
  readonly #keyspace: Keyspace;
  readonly #key: string;

  /** @param key the one that the queue itself has in the keyspace */
  constructor(keyspace: Keyspace, key: string) {
    this.#keyspace = keyspace;
    this.#key = key;
  }

  /** The value of a key that is reserved for the process with an entry; `undefined` if the entry is empty. */
  static reservationOf(entry: string): string | undefined {
    return partsOf(memberOf(entry))?.reservation;
  }

  get size(): number {
    return this.#keyspace.sortedSet(this.#key)?.size ?? 0;
  }

  /**
   * @param keepsExpiry whether the queue lives no longer by this entry
   * @returns the ticket, and how many stand before this process; nothing, if the key is no queue
   */
  enter(entry: string, keepsExpiry = false): readonly number[] {
    const [given, expiry] = entry.split(':', 2).map(Number);
    if (given === undefined || expiry === undefined) return [];
    const ticket = this.#ticketOf(given);
    const member = memberOf(entry);
    const isOld = keepsExpiry && this.size > 0;
    const set = this.#keyspace.addTo(this.#key, member, ticket, isOld ? 0 : expiry);
    const { ms, channel, shares } = partsOf(member) ?? {};
    // A process stands in a queue once. It may have stood there for a lock of the other mode.
    set?.delete(`${ms}${shares ? '' : 's'}:${channel}`);
    return set ? [ticket, set.rank(member)] : [];
  }

  leave(entry: string): void {
    this.#remove(memberOf(entry));
  }

  /**
   * Does what the entry of a release says.
   * @returns the value of a key that is reserved for the process, if the release frees such a key too
   */
  update(given: string): string | undefined {
    const what = given.charAt(0);
    const entry = given.slice(1);
    if (what === '-') this.#remove(entry);
    else if (entry !== '') this.enter(entry, partsOf(memberOf(entry))?.shares);
    if (what === '=' || what === '') return undefined;
    return partsOf(what === '-' ? entry : memberOf(entry))?.reservation;
  }

  /**
   * Whether a process waits for an exclusive lock before the one with an entry, and hears when it is called. An empty entry
   * stands behind everybody. An entry takes the place of what its own process had in the queue.
   */
  hasExclusiveBefore(given: string, channels: Channels): boolean {
    const entry = given.replace('?', '');
    const ticket = entry === '' ? Infinity : this.#ticketOf(parseInt(entry, 10));
    const own = partsOf(memberOf(entry))?.channel;
    const set = this.#keyspace.sortedSet(this.#key);
    return this.#members.some((member) => {
      const parts = partsOf(member);
      if (!parts || parts.shares || parts.channel === own) return false;
      return (set?.score(member) ?? 0) <= ticket && channels.receivers(parts.channel) > 0;
    });
  }

  /**
   * Calls the first process, reserves `key` for it, and tells the one behind it to stand by. If the first one wants to
   * share the key, those behind it who want that too are called with it; a key that is shared calls nobody else.
   */
  callFirst(key: string, sharers: SharedHolders, channels: Channels): void {
    const [, permit] = /:permit:(\d+)$/.exec(key) ?? [];
    const message = permit === undefined ? 'called' : `called ${permit}`;
    let onlyShared = sharers.isShared;
    let last: number | undefined;
    for (;;) {
      const called = this.#tellFirst(message, channels, onlyShared);
      if (!called) break;
      this.#delete(called.member);
      last = called.ms;
      if (!called.shares) {
        this.#keyspace.set(key, called.reservation, called.ms);
        break;
      }
      sharers.holdFor(called.reservation, called.ms);
      onlyShared = true;
    }
    if (last !== undefined) this.#tellFirst(`stand by ${last}`, channels, false);
  }

  /** Tells the first process that hears it. Those before it leave the queue. */
  #tellFirst(message: string, channels: Channels, onlyShared: boolean) {
    for (const member of this.#members) {
      const told = partsOf(member);
      if (onlyShared && told && !told.shares) {
        if (channels.receivers(told.channel) > 0) return undefined;
      } else if (told && channels.publish(told.channel, message) > 0) return { member, ...told };
      this.#delete(member);
    }
    return undefined;
  }

  get #members(): readonly string[] {
    return this.#keyspace.sortedSet(this.#key)?.members ?? [];
  }

  /** Takes a process out, whether it stands here for a shared lock or for an exclusive one. */
  #remove(member: string): void {
    const { ms, channel } = partsOf(member) ?? {};
    for (const each of [`${ms}:${channel}`, `${ms}s:${channel}`]) this.#delete(each);
  }

  /** One that is not positive counts from the node's clock. */
  #ticketOf(given: number): number {
    return given > 0 ? given : this.#keyspace.clock.wallNow() * 1000 + given;
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
  const end = member.indexOf(':');
  const shares = member.charAt(end - 1) === 's';
  const ms = member.slice(0, shares ? end - 1 : end);
  if (end < 0 || !/^\d+$/.test(ms)) return undefined;
  const channel = member.slice(end + 1);
  const id = channel.slice(channel.lastIndexOf(':') + 1);
  return { ms: Number(ms), channel, reservation: RESERVED + id, shares };
}
