import type { GuardedNode } from '../node/guarded-node.js';
import type { Claim, Leaving, Ticketed } from '../protocol/operations.js';
import type { LockKeys } from '../protocol/keys.js';
import type { AttemptResult, FailedAttempt } from '../quorum/attempt.js';
import type { Quorum } from '../quorum/quorum.js';
import type { Runtime } from '../time/runtime.js';
import { Channel } from './channel.js';
import { LocalQueues } from './local-queue.js';
import { Tickets, windowOf } from './tickets.js';
import { INHERITED_FOR, leaseOf } from './timing.js';
import { Waiter, type Inheritance, type WaiterServices, type WaitTerms } from './waiter.js';

export interface WaitingServices {
  readonly runtime: Runtime;
  readonly quorum: WaiterServices['quorum'];
  readonly nodes: readonly GuardedNode[];
  /** Aborts when the Redlock is closed. */
  readonly closed: AbortSignal;
}

/** All that waits in this process for locks of one Redlock. */
export class Waiting {
  readonly #runtime: Runtime;
  readonly #quorum: Pick<Quorum, 'roundTrip'>;
  readonly #services: WaiterServices;

  constructor({ runtime, quorum, nodes, closed }: WaitingServices) {
    this.#runtime = runtime;
    this.#quorum = quorum;
    this.#services = {
      runtime,
      quorum,
      tickets: new Tickets(runtime),
      channel: new Channel(runtime, nodes, quorum),
      queues: new LocalQueues(runtime),
      firstGrants: new WeakMap(),
      closed,
    };
  }

  /** Whether others of this process wait for the keys: a caller that may wait joins them. */
  isAwaited(keys: LockKeys): boolean {
    return this.#services.queues.get(keys) !== undefined;
  }

  /**
   * The ticket of a caller that may wait, for its first request.
   * @param start when it called, on the monotonic clock
   * @param pollInterval in ms. If it is given, and nodes can notify this process, a denied request is entered.
   * @returns null: no node's clock is known yet
   */
  firstTicket(start: number, pollInterval?: number): Ticketed | null {
    const { tickets, channel } = this.#services;
    const ticket = tickets.make(start);
    if (ticket === null) return null;
    if (pollInterval === undefined || !channel.isConfirmed) {
      return { ticket, channel: channel.name, entry: null };
    }
    // A node may notify the caller before the others have denied its request.
    channel.expect(ticket);
    const window = windowOf(this.#quorum.roundTrip);
    const entry = { lease: leaseOf(pollInterval), window, keep: 0 };
    return { ticket, channel: channel.name, entry };
  }

  /**
   * Waits until granted, or until the time to wait has passed.
   * @param first why the caller's first attempt failed; null: it made none, because others of this process wait
   * @returns the grant, or why the latest attempt failed: the caller's own, or another one on the same keys in this process
   * @throws the reason of the caller's signal, or RedlockClosedError
   */
  wait(terms: WaitTerms, first: FailedAttempt | null): Promise<AttemptResult> {
    return new Waiter(this.#services, terms, first).run(first);
  }

  /** A caller is canceled that has made requests with a ticket and does not wait: it leaves the queues, if it has entered. */
  canceled(keys: LockKeys, { ticket, entry }: Ticketed): void {
    if (!entry) return;
    const { channel, quorum } = this.#services;
    channel.ignore(ticket);
    quorum.leave(keys, { channel: channel.name, tickets: [ticket] });
  }

  /** A lock was granted to a caller that did not wait. Those who wait to share the key can have it too. */
  granted({ keys, ticket, hasEntry }: Claim): void {
    if (ticket !== null && hasEntry) this.#services.channel.ignore(ticket);
    if (keys.mode === 'shared') this.#services.queues.get(keys)?.head?.requestAt(0);
  }

  /**
   * A lock is about to be released. The first waiter of this process requests in the same command: its attempt begins in
   * the microtasks of this turn. For a while it does so with the ticket of the lock, so that the process is not behind all
   * others after each lock; then with its own, so that the others get their turn.
   * @returns what the release does in the queues
   */
  releasing(claim: Claim): Leaving {
    const { queues, firstGrants, channel } = this.#services;
    const { keys, ticket } = claim;
    const own = ticket !== null && claim.hasEntry ? [ticket] : [];
    // Those who wait to share a key that is shared are behind a writer, which comes next.
    const head = keys.mode === 'shared' ? null : queues.get(keys)?.head;
    const now = this.#runtime.now();
    if (!head || head.hasEnded(now)) return { channel: channel.name, tickets: own };
    let inheritance: Inheritance | null = null;
    if (ticket !== null) {
      // A caller that did not wait was granted its ticket soon after its attempt began.
      const since = firstGrants.get(claim) ?? claim.startedAt;
      if (now - since < INHERITED_FOR) inheritance = { ticket, since };
    }
    const left = head.handOver(inheritance, keys.permit);
    return { channel: channel.name, tickets: left ?? own };
  }

  /** Learns the clocks of the nodes that denied an attempt. */
  noteTimes(failed: FailedAttempt): void {
    this.#services.tickets.noteDenials(failed);
  }

  /**
   * Learns the clock of a node, as INFO says it.
   * @param timeUs in µs
   * @param midMono the monotonic clock of this process in the middle of the command, in ms
   */
  noteTime(node: number, timeUs: number, midMono: number): void {
    this.#services.tickets.note(node, timeUs, midMono);
  }

  close(): void {
    this.#services.channel.close();
  }
}
