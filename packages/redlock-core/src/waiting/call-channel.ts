import type { GuardedNode } from '../node/guarded-node.js';
import type { LockMode } from '../mode.js';
import type { Runtime, Timer } from '../time/runtime.js';

/** What those that wait for a key are told. */
export interface CallListener {
  /**
   * A node calls this process: the key is reserved for it there.
   * @param permit of a semaphore: the permit whose key it is; null: the key is no semaphore's
   */
  called(key: string, node: number, permit: number | null): void;
  /**
   * Another process was called, and this one is next.
   * @param ms for how long the key is reserved for the other one
   */
  standBy(key: string, ms: number): void;
  /** Calls may have been missed, but are heard now. */
  missed(key: string): void;
  /** Calls are no longer heard on a quorum of nodes. */
  unheard(key: string): void;
}

/** For how long a channel is kept open after its last waiter has gone, in ms: contention comes in waves. */
const LINGER = 1000;

const CALLED = /^called (\d+)$/;
const STAND_BY = /^stand by (\d+)$/;

/** What a channel is for. */
interface ChannelTerms {
  /** The key that this process waits for. */
  readonly key: string;
  readonly name: string;
  /** For how many ms a key is reserved for this process when it is called. */
  readonly reservation: number;
  /** How many nodes are a quorum. */
  readonly quorum: number;
}

/** The channel on which the nodes call this process for one key. All its waiters for the key share it. */
export class CallChannel {
  readonly reservation: number;
  readonly #terms: ChannelTerms;
  readonly #runtime: Runtime;
  readonly #listener: CallListener;
  readonly #onClosed: () => void;
  /** The nodes at which the subscription is confirmed, and those at which it was confirmed before. */
  readonly #heard = new Set<number>();
  readonly #lost = new Set<number>();
  readonly #unsubscribes: readonly (() => void)[];
  #lingering: Timer | null = null;

  constructor(
    terms: ChannelTerms,
    nodes: readonly GuardedNode[],
    runtime: Runtime,
    listener: CallListener,
    onClosed: () => void,
  ) {
    const { name, reservation } = terms;
    this.reservation = reservation;
    this.#terms = terms;
    this.#runtime = runtime;
    this.#listener = listener;
    this.#onClosed = onClosed;
    this.#unsubscribes = nodes.flatMap((node, index) =>
      node.subscribes
        ? [
            node.subscribe(
              name,
              (message) => this.#hear(index, message),
              () => this.#lose(index),
            ),
          ]
        : [],
    );
  }

  /** Whether a quorum of nodes can call this process. */
  get isHeard(): boolean {
    return this.#heard.size >= this.#terms.quorum;
  }

  /** Somebody waits. */
  keep(): void {
    if (this.#lingering) this.#runtime.clearTimeout(this.#lingering);
    this.#lingering = null;
  }

  /** Nobody waits any more. */
  linger(): void {
    if (this.#unsubscribes.length === 0) return this.close();
    this.#lingering ??= this.#runtime.setTimeout(() => this.close(), LINGER);
    this.#lingering.unref();
  }

  close(): void {
    this.keep();
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    this.#onClosed();
  }

  #hear(node: number, message: string | undefined): void {
    const { key, quorum } = this.#terms;
    if (message === undefined) {
      const isAnew = this.#lost.delete(node) || this.#heard.has(node);
      this.#heard.add(node);
      if (isAnew || this.#heard.size === quorum) this.#listener.missed(key);
      return;
    }
    const [, ms] = STAND_BY.exec(message) ?? [];
    if (ms !== undefined) return this.#listener.standBy(key, Number(ms));
    const [, permit] = CALLED.exec(message) ?? [];
    this.#listener.called(key, node, permit === undefined ? null : Number(permit));
  }

  #lose(node: number): void {
    const wasHeard = this.isHeard;
    if (!this.#heard.delete(node)) return;
    this.#lost.add(node);
    if (wasHeard && !this.isHeard) this.#listener.unheard(this.#terms.key);
  }
}

/**
 * The member of a queue: how the process is called, for how many ms a key is then reserved for it, and whether it wants to
 * share the key.
 */
export function memberOf(channel: string, reservation: number, mode: LockMode): string {
  return `${reservation}${mode === 'shared' ? 's' : ''}:${channel}`;
}
