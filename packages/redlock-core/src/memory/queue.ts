import type { EncodedOperation } from '../protocol/commands.js';
import type { Keyspace } from './keyspace.js';

/** The channels of a memory node. */
export interface Channels {
  /** Publishes a message, and returns how many subscribers there were. */
  publish(channel: string, message: string): number;
}

/** The server on which a command is executed, and how. */
export interface Host {
  readonly keyspace: Keyspace;
  readonly channels: Channels;
  /** Whether the number of receivers of a message is unknown. */
  readonly onCluster: boolean;
}

/** The caller's place in the queue. Without a ticket, all entries are ahead. */
export interface Asker {
  readonly ticket: number | null;
  readonly channel: string;
  readonly shared: boolean;
  /** For semaphores: the permits that are free on this node; null: it is no semaphore. */
  readonly free: readonly number[] | null;
}

/** An entry ahead. */
export interface Ahead {
  readonly channel: string;
  readonly left: number;
}

interface Entry {
  readonly member: string;
  readonly ticket: number;
  readonly isNotified: boolean;
  readonly until: number;
  readonly tail: string;
  readonly shares: boolean;
  readonly window: number;
  readonly permits: number;
  readonly channel: string;
}

const ENTRY = /^(!?)(\d+):(([xs]):(\d+):(\d*):(.*))$/s;
const PERMITS_QUEUE = /:permits:waiting$/;
/** A rank is not counted further: a waiter that is that far behind asks at its poll. */
const MAX_RANK = 100;

/** The waiters for a key, as one memory node has them: the twin of script/queue.ts. */
export class Queue {
  readonly #host: Host;
  readonly #key: string;

  /** @param key the one that the queue itself has in the keyspace */
  constructor(host: Host, key: string) {
    this.#host = host;
    this.#key = key;
  }

  get exists(): boolean {
    return this.#host.keyspace.has(this.#key);
  }

  /** How many entries there are; null: the key is no queue. */
  get size(): number {
    return this.#host.keyspace.members(this.#key).length;
  }

  /** Makes an entry, which stays until a time of the node's clock. Two entries of one process differ in it. */
  put(ticket: number, until: number, isNotified: boolean, tail: string): void {
    const { keyspace } = this.#host;
    const member = `${isNotified ? '!' : ''}${until}:${tail}`;
    if (keyspace.sortedSet(this.#key)?.score(member) !== undefined) {
      this.put(ticket, until + 1, isNotified, tail);
    } else keyspace.addTo(this.#key, member, ticket, until - keyspace.now);
  }

  /** Removes the entry of a ticket. @returns whether there was one */
  leave(ticket: number, channel: string): boolean {
    const entry = this.#entries().find(
      (each) => each.ticket === ticket && each.channel === channel,
    );
    if (entry) this.#remove(entry);
    return entry !== undefined;
  }

  /** How many living entries are ahead. */
  rankOf(asker: Asker): number {
    const first = this.#entries()
      .filter(({ ticket }) => asker.ticket === null || ticket <= asker.ticket)
      .slice(0, MAX_RANK);
    return first.filter((entry) => !this.#isExpired(entry) && isAhead(entry, asker)).length;
  }

  /**
   * Who is ahead so that `room` entries with lower tickets come first. Notifies the first of them, and all of them if one
   * that was notified has not come back.
   * @param joined for how many ms the key is shared already; null: it is free. A shared asker then notifies no waiter.
   */
  ahead(asker: Asker, room: number, joined: number | null): Ahead | null {
    const { keyspace } = this.#host;
    let count = 0;
    let mayNotify = true;
    let all = false;
    let who: Ahead | null = null;
    for (const entry of this.#entries()) {
      if (asker.ticket !== null && entry.ticket > asker.ticket) break;
      if (this.#isExpired(entry)) {
        all ||= entry.isNotified;
        continue;
      }
      if (!isAhead(entry, asker) || (asker.shared && entry.shares)) continue;
      const [lowest] = asker.free ?? [];
      if (lowest !== undefined && entry.permits <= lowest) continue;
      if (joined !== null) return { channel: entry.channel, left: joined };
      let until: number | null = entry.until;
      if (!entry.isNotified && (mayNotify || all)) {
        until = this.#notify(entry, permitFor(entry, count, asker.free));
        mayNotify &&= until === null;
      }
      if (until !== null) {
        count += 1;
        if (count === room) who = { channel: entry.channel, left: until - keyspace.now };
      }
      if (who && !all) break;
    }
    return who;
  }

  /** Notifies who comes next, if `key` is free; all next ones that share it, if it is free or shared. */
  notifyNext(key: string): void {
    const { keyspace } = this.#host;
    let shares = keyspace.get(key) === 'shared';
    const permit = PERMITS_QUEUE.test(this.#key) ? Number(/\d+$/.exec(key)?.[0]) : null;
    if (keyspace.has(key) && (permit !== null || !shares)) return;
    for (const entry of this.#entries()) {
      if (this.#isExpired(entry)) continue;
      if (permit !== null) {
        if (entry.isNotified || entry.permits <= permit) continue;
        if (this.#notify(entry, permit) !== null) return;
      } else if (shares && !entry.shares) return;
      else if (entry.isNotified || this.#notify(entry, null) !== null) {
        if (!entry.shares) return;
        shares = true;
      }
    }
  }

  /**
   * Sends a message.
   * @returns until when the waiter has time to come back; null: the message reached no process, so the entry is gone
   */
  #notify(entry: Entry, permit: number | null): number | null {
    const { keyspace, channels, onCluster } = this.#host;
    const { ticket, channel, window, tail } = entry;
    const receivers = channels.publish(
      channel,
      permit === null ? `${ticket}` : `${ticket} ${permit}`,
    );
    this.#remove(entry);
    if (receivers === 0 && !onCluster) return null;
    const until = keyspace.now + window;
    this.put(ticket, until, true, tail);
    return until;
  }

  /** Whether the time of an entry has passed. It is removed then. */
  #isExpired(entry: Entry): boolean {
    if (entry.until > this.#host.keyspace.now) return false;
    this.#remove(entry);
    return true;
  }

  #remove({ member }: Entry): void {
    this.#host.keyspace.removeFrom(this.#key, member);
  }

  /** In order. Later changes do not show in it. */
  #entries(): readonly Entry[] {
    const { keyspace } = this.#host;
    const members = keyspace.members(this.#key);
    const set = keyspace.sortedSet(this.#key);
    return members.map((member) => {
      const [, mark, until, tail = '', mode, window, permits, channel = ''] =
        ENTRY.exec(member) ?? [];
      return {
        member,
        ticket: set?.score(member) ?? 0,
        isNotified: mark === '!',
        until: Number(until ?? 0),
        tail,
        shares: mode === 's',
        window: Number(window),
        permits: Number(permits),
        channel,
      };
    });
  }
}

function isAhead({ ticket, channel }: Entry, asker: Asker): boolean {
  if (asker.ticket === null) return true;
  return ticket === asker.ticket ? channel < asker.channel : ticket < asker.ticket;
}

/** Which permit a notification names: each another one, if it can use it. */
function permitFor({ permits }: Entry, count: number, free: Asker['free']): number | null {
  if (!free) return null;
  const permit = free[count];
  return permit !== undefined && permit < permits ? permit : (free[0] ?? null);
}

/** The queue of a key of an operation; null: the operation touches none. */
export function queueOf(host: Host, { queues }: EncodedOperation, position: number): Queue | null {
  const key = queues[position];
  return key === undefined ? null : new Queue(host, key);
}
