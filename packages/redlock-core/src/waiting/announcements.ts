import type { GuardedNode } from '../node/guarded-node.js';
import type { Runtime, Timer } from '../time/runtime.js';

/** Called when a lock was released on a node, or may have been. */
type Listener = (node: number) => void;

/** For how long a channel is kept open after its last listener has gone, in ms: contention comes in waves. */
const LINGER = 1000;

/** Listens to the releases that nodes announce. All waiters share one subscription for each channel and node. */
export class Announcements {
  readonly #nodes: readonly GuardedNode[];
  readonly #runtime: Runtime;
  readonly #channels = new Map<string, Channel>();

  constructor(nodes: readonly GuardedNode[], runtime: Runtime) {
    this.#nodes = nodes;
    this.#runtime = runtime;
  }

  /** Whether any node can announce releases. */
  get available(): boolean {
    return this.#nodes.some((node) => node.subscribes);
  }

  /** Whether no channel is open. */
  get isIdle(): boolean {
    return this.#channels.size === 0;
  }

  /**
   * Whether a node's announcements on a channel reach this process: its subscription is confirmed and was not lost
   * since.
   */
  hears(channel: string, node: number): boolean {
    return this.#channels.get(channel)?.hears(node) === true;
  }

  /** Whether somebody listens to a channel, or did so within the last second. */
  isOpen(channel: string): boolean {
    return this.#channels.has(channel);
  }

  /**
   * Calls `listener` at each announcement, and for each node whose announcements begin to be heard or are heard
   * already: some may have been missed.
   * @returns a function that ends it
   */
  listen(channel: string, listener: Listener): () => void {
    let open = this.#channels.get(channel);
    if (!open) {
      open = new Channel(channel, this.#nodes, this.#runtime, () => this.#channels.delete(channel));
      this.#channels.set(channel, open);
    }
    return open.add(listener);
  }

  /** Tells the listeners of this process that it is releasing a lock on every node. */
  announce(channel: string): void {
    this.#channels.get(channel)?.announce();
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.close();
  }
}

class Channel {
  readonly #nodes: readonly GuardedNode[];
  readonly #runtime: Runtime;
  readonly #closed: () => void;
  readonly #listeners = new Set<Listener>();
  readonly #heard = new Set<number>();
  readonly #unsubscribes: readonly (() => void)[];
  #lingering: Timer | null = null;

  constructor(name: string, nodes: readonly GuardedNode[], runtime: Runtime, closed: () => void) {
    this.#nodes = nodes;
    this.#runtime = runtime;
    this.#closed = closed;
    this.#unsubscribes = nodes.flatMap((node, index) =>
      node.subscribes
        ? [
            node.subscribe(
              name,
              (message) => this.#hear(index, message === undefined),
              () => this.#heard.delete(index),
            ),
          ]
        : [],
    );
  }

  hears(node: number): boolean {
    return this.#heard.has(node);
  }

  add(listener: Listener): () => void {
    if (this.#lingering) this.#runtime.clearTimeout(this.#lingering);
    this.#lingering = null;
    this.#listeners.add(listener);
    for (const node of this.#heard) listener(node);
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      if (this.#unsubscribes.length === 0) this.close();
      else this.#linger();
    };
  }

  announce(): void {
    for (const node of this.#nodes.keys()) this.#tell(node);
  }

  close(): void {
    if (this.#lingering) this.#runtime.clearTimeout(this.#lingering);
    this.#listeners.clear();
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    this.#closed();
  }

  #linger(): void {
    this.#lingering = this.#runtime.setTimeout(() => this.close(), LINGER);
    this.#lingering.unref();
  }

  #hear(node: number, established: boolean): void {
    if (established) this.#heard.add(node);
    this.#tell(node);
  }

  #tell(node: number): void {
    for (const listener of this.#listeners) listener(node);
  }
}
