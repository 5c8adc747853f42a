import type { GuardedNode } from './guarded-node.js';
import type { Request } from './request.js';
import { slotOf } from '../protocol/routing.js';
import type { Runtime, Timer } from '../time/runtime.js';

/** If a connection is silent for this long although commands are in flight, it is replaced. In ms. */
const LIMIT = 10_000;

/**
 * Whether a server answers. A server becomes unresponsive when a command has no reply in time, and stays so until its
 * next reply. Then its connection is replaced: a half-open one would keep a healthy node out for the quarter of an hour
 * that TCP takes to give up.
 */
export class ServerLiveness {
  readonly #runtime: Runtime;
  readonly #reconnect: () => void;
  #unresponsive = false;
  /** Until the connection is replaced. It runs on after the end of a silence while a command may still be overdue. */
  #timer: Timer | null = null;
  /** When the latest command that the server has answered was written, on the monotonic clock. */
  #answered = -Infinity;
  /** The same of the latest command that had no reply in time. */
  #overdueAt = -Infinity;
  #closed = false;
  /** How many commands are written and not answered. */
  #inFlight = 0;
  /** Whether a command was written since then, or since the connection was replaced. */
  #written = false;

  constructor(runtime: Runtime, reconnect: () => void) {
    this.#runtime = runtime;
    this.#reconnect = reconnect;
  }

  get isUnresponsive(): boolean {
    return this.#unresponsive;
  }

  /** Whether no command is in flight. */
  get isIdle(): boolean {
    return this.#inFlight === 0;
  }

  /** Counts a command that is being written. */
  written(): void {
    this.#inFlight++;
    this.#written = true;
  }

  /** Counts a command that is answered, or given up by the client. */
  settled(): void {
    this.#inFlight--;
  }

  /**
   * A command had no reply in time. The server is unresponsive then, unless it has answered a later command. A reply to an
   * earlier one says nothing: the connection may have broken behind it.
   * @param sentAt when the command was written, on the monotonic clock
   */
  overdue(sentAt: number, now: number): void {
    if (this.#closed || this.#answered > sentAt) return;
    this.#unresponsive = true;
    this.#overdueAt = Math.max(this.#overdueAt, sentAt);
    if (!this.#timer) this.#arm(Math.max(LIMIT - (now - sentAt), 0));
  }

  /** @param sentAt when the command was written that the server has answered */
  answered(sentAt: number): void {
    this.#answered = Math.max(this.#answered, sentAt);
    if (!this.#timer) return;
    const isOverdue = this.#answered < this.#overdueAt;
    this.end();
    if (isOverdue) this.#arm(LIMIT);
  }

  end(): void {
    this.#unresponsive = false;
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Ends the silence, and replaces no connection from now on. */
  close(): void {
    this.end();
    this.#closed = true;
  }

  #arm(ms: number): void {
    this.#written = false;
    this.#timer = this.#runtime.setTimeout(() => {
      // If nothing is in flight and nothing was written, the connection may be healthy: a command that the client gave
      // up long ago says nothing about it.
      const isAsked = this.#written || !this.isIdle;
      this.#timer = null;
      if (isAsked || this.#unresponsive) this.#arm(LIMIT);
      if (isAsked) this.#reconnect();
    }, ms);
    this.#timer.unref();
  }
}

/** Which servers of one node answer. On a Cluster, one master says nothing about another. */
export class Liveness {
  readonly #node: GuardedNode;
  readonly #runtime: Runtime;
  readonly #servers = new Map<string, ServerLiveness>();
  /** The only server; null: the node is a Cluster, or nothing was asked yet. */
  #only: ServerLiveness | null = null;
  #closed = false;

  constructor(node: GuardedNode, runtime: Runtime) {
    this.#node = node;
    this.#runtime = runtime;
  }

  /** Whether some server is unresponsive. */
  get isUnresponsive(): boolean {
    return this.#all.some(({ isUnresponsive }) => isUnresponsive);
  }

  /** Whether some server is unresponsive and has a command in flight, whose reply will show when the server answers again. */
  get isBlocked(): boolean {
    return this.#all.some(({ isUnresponsive, isIdle }) => isUnresponsive && !isIdle);
  }

  /** The liveness of the server that a request goes to. */
  of(request: Request): ServerLiveness {
    // Perf: latency, alone. This is asked twice for each command.
    if (this.#only) return this.#only;
    const server = this.#serverOf(request);
    const liveness = this.#servers.get(server) ?? this.#add(server);
    if (!this.#node.cluster) this.#only = liveness;
    return liveness;
  }

  end(): void {
    for (const server of this.#all) server.end();
  }

  /** Closes the liveness of all servers, and of those that become known later. */
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

  /**
   * The server that has a request's keys: on a Cluster its master, or at least its slot, if the adapter does not know the
   * master. Any other node is one server.
   */
  #serverOf({ asked: [first] }: Request): string {
    if (!this.#node.cluster) return '';
    const [key = ''] = first?.operation.keys.keys ?? [];
    const slot = slotOf(this.#node.keyPrefix + key);
    return this.#node.masterOf(slot) ?? `slot ${slot}`;
  }
}
