import type { GuardedNode } from '../node/guarded-node.js';
import type { Quorum } from '../quorum/quorum.js';
import type { Runtime, Timer } from '../time/runtime.js';

/** How long the subscriptions outlive the last waiter, in ms: contention comes in waves. */
const LINGER = 1000;

/** What the names of all channels begin with. */
export const CHANNEL_PREFIX = 'redlock:notify:';

/** `ticket`, or for a semaphore `ticket permit`. */
const MESSAGE = /^(\S+)(?: (\d+))?$/;

/** What a waiter that has an entry learns from the channel. */
export interface Subscriber {
  /** A node has notified it. null: of no permit. */
  notified(node: number, permit: number | null): void;
  /** A quorum of subscriptions is confirmed by now. */
  subscribed(): void;
  /** No quorum of subscriptions is left. */
  unsubscribed(): void;
}

/** The one channel on which nodes notify the waiters of this Redlock. Every node has a subscription while a caller waits. */
export class Channel {
  readonly name: string;
  readonly #runtime: Runtime;
  readonly #nodes: readonly GuardedNode[];
  readonly #quorum: Pick<Quorum, 'size'>;
  /** The waiters that may have an entry, by ticket. */
  readonly #subscribers = new Map<number, Subscriber>();
  /** Those that want to be entered, and wait until a quorum is confirmed. */
  readonly #unconfirmed = new Set<Subscriber>();
  /** The nodes at which the subscription is confirmed, and those at which it was confirmed before. */
  readonly #confirmed = new Set<number>();
  readonly #lost = new Set<number>();
  #unsubscribes: (() => void)[] | null = null;
  #openedAt = 0;
  #waiters = 0;
  #lingering: Timer | null = null;
  #isClosed = false;

  constructor(runtime: Runtime, nodes: readonly GuardedNode[], quorum: Pick<Quorum, 'size'>) {
    this.name = CHANNEL_PREFIX + runtime.token();
    this.#runtime = runtime;
    this.#nodes = nodes;
    this.#quorum = quorum;
  }

  /** Whether any node can notify this process, or soon can. */
  get isOpen(): boolean {
    return this.#unsubscribes !== null && this.#unsubscribes.length > 0;
  }

  /** Whether a quorum of nodes can notify this process. */
  get isConfirmed(): boolean {
    return this.#confirmed.size >= this.#quorum.size;
  }

  /**
   * Whether an entry makes sense. Nodes drop the entry of a process that they cannot notify. So it is made when a quorum
   * has confirmed or cannot any more; where no node confirms, never.
   */
  canEnter(nodeTimeout: number): boolean {
    if (this.isConfirmed) return true;
    return this.#confirmed.size > 0 && this.#runtime.now() >= this.confirmsBy(nodeTimeout);
  }

  /** The deadline for a quorum of confirmations, on the monotonic clock: nodes have the time that a reply may take. */
  confirmsBy(nodeTimeout: number): number {
    const isPossible = (this.#unsubscribes?.length ?? 0) >= this.#quorum.size;
    return this.#openedAt + (isPossible ? nodeTimeout : 0);
  }

  /** A waiter has come. */
  join(): void {
    this.#waiters++;
    if (this.#lingering) this.#runtime.clearTimeout(this.#lingering);
    this.#lingering = null;
    if (this.#unsubscribes === null && !this.#isClosed) this.#open();
  }

  /** A waiter has gone. */
  leave(): void {
    this.#waiters--;
    if (this.#waiters > 0 || this.#unsubscribes === null) return;
    this.#lingering = this.#runtime.setTimeout(() => this.#end(), LINGER);
    this.#lingering.unref();
  }

  /** Keeps the notifications for a ticket until a waiter listens to them, or they are ignored. */
  expect(ticket: number): void {
    this.#subscribers.set(ticket, new Expected());
  }

  /** Notifications for a ticket go to a waiter, also those that have come since they are expected. */
  listen(ticket: number, subscriber: Subscriber): void {
    const known = this.#subscribers.get(ticket);
    this.#subscribers.set(ticket, subscriber);
    if (known instanceof Expected) known.forward(subscriber);
  }

  /** Notifications for a ticket are ignored from now on. */
  ignore(ticket: number): void {
    this.#subscribers.delete(ticket);
  }

  awaitConfirmation(subscriber: Subscriber): void {
    this.#unconfirmed.add(subscriber);
  }

  stopAwaiting(subscriber: Subscriber): void {
    this.#unconfirmed.delete(subscriber);
  }

  close(): void {
    this.#isClosed = true;
    this.#end();
  }

  #open(): void {
    this.#openedAt = this.#runtime.now();
    const unsubscribes: (() => void)[] = [];
    this.#unsubscribes = unsubscribes;
    for (const [index, node] of this.#nodes.entries()) {
      if (!node.subscribes) continue;
      const listener = (message?: string): void =>
        message === undefined ? this.#confirm(index) : this.#notify(index, message);
      unsubscribes.push(node.subscribe(this.name, listener, () => this.#lose(index)));
    }
  }

  #end(): void {
    if (this.#lingering) this.#runtime.clearTimeout(this.#lingering);
    this.#lingering = null;
    const unsubscribes = this.#unsubscribes ?? [];
    this.#unsubscribes = null;
    this.#confirmed.clear();
    this.#lost.clear();
    for (const unsubscribe of unsubscribes) unsubscribe();
  }

  #notify(node: number, message: string): void {
    const [, ticket, permit] = MESSAGE.exec(message) ?? [];
    // Servers write scores in several ways, so tickets are compared as numbers.
    const subscriber = this.#subscribers.get(Number(ticket));
    subscriber?.notified(node, permit === undefined ? null : Number(permit));
  }

  #confirm(node: number): void {
    if (this.#unsubscribes === null) return;
    const isAnew = this.#lost.delete(node) || this.#confirmed.has(node);
    this.#confirmed.add(node);
    // Notifications may have been missed.
    if (isAnew) for (const each of this.#subscribers.values()) each.notified(node, null);
    if (!this.isConfirmed) return;
    for (const each of this.#unconfirmed) each.subscribed();
    this.#unconfirmed.clear();
  }

  #lose(node: number): void {
    const wasConfirmed = this.isConfirmed;
    if (!this.#confirmed.delete(node)) return;
    this.#lost.add(node);
    if (!wasConfirmed || this.isConfirmed) return;
    for (const each of this.#subscribers.values()) each.unsubscribed();
  }
}

/** The notifications for a first request that is under way. */
class Expected implements Subscriber {
  readonly #all: (readonly [node: number, permit: number | null])[] = [];

  notified(node: number, permit: number | null): void {
    this.#all.push([node, permit]);
  }

  subscribed(): void {}

  unsubscribed(): void {}

  forward(subscriber: Subscriber): void {
    for (const [node, permit] of this.#all) subscriber.notified(node, permit);
  }
}

/** The notifications of one waiter since it sent its latest request. */
export class Notifications {
  readonly #nodes = new Set<number>();
  /** How often each permit was named. */
  readonly #permits = new Map<number, number>();
  #firstAt = Infinity;

  /** @param now on the monotonic clock */
  add(node: number, permit: number | null, now: number): void {
    if (this.#nodes.size === 0) this.#firstAt = now;
    this.#nodes.add(node);
    if (permit !== null) this.#permits.set(permit, (this.#permits.get(permit) ?? 0) + 1);
  }

  clear(): void {
    this.#nodes.clear();
    this.#permits.clear();
    this.#firstAt = Infinity;
  }

  /** When they are reason to request: a quorum has notified, or there was a round trip of time for the others. */
  due({ size, roundTrip }: Pick<Quorum, 'size' | 'roundTrip'>): number {
    return this.#nodes.size >= size ? this.#firstAt : this.#firstAt + roundTrip;
  }

  /**
   * The permit that was named most often; null: none was named.
   * @param permits how many permits the waiter knows
   */
  permitOf(permits: number): number | null {
    const named = [...this.#permits].filter(([permit]) => permit < permits);
    return named.toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null;
  }
}
