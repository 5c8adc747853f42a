import type { GuardedNode } from './guarded-node.js';
import type { Round } from './round.js';
import { slotOf } from '../protocol/slot.js';
import type { Runtime, Timer } from '../time/runtime.js';

/** If a connection is silent for this long although commands are in flight, it is replaced. In ms. */
const LIMIT = 10_000;

/**
 * Whether a server answers. A server becomes silent when a command has no reply in time, and stays silent until its
 * next reply. Then its connection is replaced: a half-open one would keep a healthy node out for the quarter of an hour
 * that TCP takes to give up.
 */
export class ServerLiveness {
  readonly #runtime: Runtime;
  readonly #reconnect: () => void;
  #silent = false;
  /** Until the connection is replaced. It runs on after the end of a silence while a command may still be overdue. */
  #timer: Timer | null = null;
  /** When the latest command that the server has answered was written, on the monotonic clock. */
  #answered = -Infinity;
  /** The same of the latest command that had no reply in time. */
  #overdue = -Infinity;
  #closed = false;
  /** How many operations are written and not answered. */
  #inFlight = 0;
  /** Whether an operation was written since the silence began, or since the connection was replaced. */
  #written = false;

  constructor(runtime: Runtime, reconnect: () => void) {
    this.#runtime = runtime;
    this.#reconnect = reconnect;
  }

  get isSilent(): boolean {
    return this.#silent;
  }

  /** Whether no command is in flight. */
  get isIdle(): boolean {
    return this.#inFlight === 0;
  }

  /** Counts an operation that is being written. */
  written(): void {
    this.#inFlight++;
    this.#written = true;
  }

  /** Counts an operation that is answered, or given up by the client. */
  settled(): void {
    this.#inFlight--;
  }

  /**
   * A command had no reply in time. The server is silent then, unless it has answered a later command. A reply to an
   * earlier one says nothing: the connection may have broken behind it.
   * @param sentAt when the command was written, on the monotonic clock
   */
  begin(sentAt: number): void {
    if (this.#closed || this.#answered > sentAt) return;
    this.#silent = true;
    this.#overdue = Math.max(this.#overdue, sentAt);
    if (!this.#timer) this.#arm(Math.max(LIMIT - (this.#runtime.now() - sentAt), 0));
  }

  /** @param sentAt when the command was written that the server has answered */
  answered(sentAt: number): void {
    this.#answered = Math.max(this.#answered, sentAt);
    if (!this.#timer) return;
    const isOverdue = this.#answered < this.#overdue;
    this.end();
    if (isOverdue) this.#arm(LIMIT);
  }

  end(): void {
    this.#silent = false;
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
      if (isAsked || this.#silent) this.#arm(LIMIT);
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

  /** Whether some server is silent. */
  get isSilent(): boolean {
    return this.#all.some(({ isSilent }) => isSilent);
  }

  /** Whether some server is silent and has a command in flight, whose reply will show when the server answers again. */
  get isBlocked(): boolean {
    return this.#all.some(({ isSilent, isIdle }) => isSilent && !isIdle);
  }

  /** The liveness of the server that a round goes to. */
  of(round: Round | undefined): ServerLiveness {
    // Perf: latency, alone. This is asked twice for each command.
    if (this.#only) return this.#only;
    const server = this.#serverOf(round);
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
   * The server that has a round's keys: on a Cluster its master, or at least its slot, if the adapter does not know the
   * master. Any other node is one server.
   */
  #serverOf(round: Round | undefined): string {
    if (!this.#node.cluster) return '';
    const [key = ''] = round?.operation.claim.lockKeys.keys ?? [];
    const slot = slotOf(this.#node.keyPrefix + key);
    return this.#node.masterOf(slot) ?? `slot ${slot}`;
  }
}
