import type { GuardedNode } from './guarded-node.js';
import type { Round } from './round.js';
import { slotOf } from '../protocol/slot.js';
import type { Runtime, Timer } from '../time/runtime.js';

/** A silent connection with commands in flight is replaced after so many ms. */
const LIMIT = 10_000;

/**
 * Whether a server answers. It is silent from the time of a command that had no reply in time until its next reply. A
 * half-open connection is replaced; otherwise it would keep a healthy node out for the quarter of an hour that TCP
 * takes to give up.
 */
export class ServerLiveness {
  readonly #runtime: Runtime;
  readonly #reconnect: () => void;
  #timer: Timer | null = null;
  /** On the monotonic clock. */
  #answeredAt = -Infinity;
  #closed = false;
  /** Operations written and not answered. */
  #inFlight = 0;
  /** An operation was written since the silence began, or the connection was replaced. */
  #written = false;

  constructor(runtime: Runtime, reconnect: () => void) {
    this.#runtime = runtime;
    this.#reconnect = reconnect;
  }

  get isSilent(): boolean {
    return this.#timer !== null;
  }

  /** Nothing is in flight. */
  get isIdle(): boolean {
    return this.#inFlight === 0;
  }

  /** An operation is being written. */
  written(): void {
    this.#inFlight++;
    this.#written = true;
  }

  /** It is answered, or given up by the client. */
  settled(): void {
    this.#inFlight--;
  }

  /**
   * A command had no reply in time. The server is silent, unless it has answered another one since.
   * @param since when the command was sent, on the monotonic clock
   */
  begin(since: number): void {
    if (this.isSilent || this.#closed || this.#answeredAt > since) return;
    this.#arm(Math.max(LIMIT - (this.#runtime.now() - since), 0));
  }

  answered(now: number): void {
    this.#answeredAt = now;
    this.end();
  }

  end(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Replaces no connection any more. */
  close(): void {
    this.end();
    this.#closed = true;
  }

  #arm(ms: number): void {
    this.#written = false;
    this.#timer = this.#runtime.setTimeout(() => {
      // A command that the client gave up long ago says nothing of a connection on which nothing is asked.
      const isAsked = this.#written || !this.isIdle;
      this.#arm(LIMIT);
      if (isAsked) this.#reconnect();
    }, ms);
    this.#timer.unref();
  }
}

/** Which servers of one node answer: on a Cluster one master says nothing about another. */
export class Liveness {
  readonly #node: GuardedNode;
  readonly #runtime: Runtime;
  readonly #servers = new Map<string, ServerLiveness>();
  #closed = false;

  constructor(node: GuardedNode, runtime: Runtime) {
    this.#node = node;
    this.#runtime = runtime;
  }

  /** Some server is silent. */
  get isSilent(): boolean {
    return this.#all.some(({ isSilent }) => isSilent);
  }

  /** Some server is silent, and has a command in flight that will show when it answers again. */
  get isBlocked(): boolean {
    return this.#all.some(({ isSilent, isIdle }) => isSilent && !isIdle);
  }

  /** The liveness of the server that a round goes to. */
  of(round: Round | undefined): ServerLiveness {
    const server = this.#serverOf(round);
    return this.#servers.get(server) ?? this.#add(server);
  }

  end(): void {
    for (const server of this.#all) server.end();
  }

  /** Also of servers that are not known yet. */
  close(): void {
    this.#closed = true;
    for (const server of this.#all) server.close();
  }

  #add(server: string): ServerLiveness {
    const reconnect = (): void => {
      if (this.#node.ready) this.#node.reconnect(server);
    };
    const liveness = new ServerLiveness(this.#runtime, reconnect);
    if (this.#closed) liveness.close();
    this.#servers.set(server, liveness);
    return liveness;
  }

  get #all(): readonly ServerLiveness[] {
    return [...this.#servers.values()];
  }

  /** Which server of a Cluster has the keys, or at least which slot; other nodes are one server. */
  #serverOf(round: Round | undefined): string {
    if (!this.#node.cluster) return '';
    const [key = ''] = round?.operation.claim.lockKeys.keys ?? [];
    const slot = slotOf(this.#node.keyPrefix + key);
    return this.#node.masterOf(slot) ?? `slot ${slot}`;
  }
}
