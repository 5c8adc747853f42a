import type { GuardedNode } from '../node/guarded-node.js';
import type { LockMode } from '../mode.js';
import type { Runtime } from '../time/runtime.js';
import { CallChannel, memberOf, type CallListener } from './call-channel.js';

/** The channels on which the nodes call this process, by key. */
export class CallChannels {
  readonly #nodes: readonly GuardedNode[];
  readonly #quorum: number;
  readonly #runtime: Runtime;
  readonly #channels = new Map<string, CallChannel>();
  #process: string | null = null;

  /** @param quorum how many nodes are a quorum */
  constructor(nodes: readonly GuardedNode[], quorum: number, runtime: Runtime) {
    this.#nodes = nodes;
    this.#quorum = quorum;
    this.#runtime = runtime;
  }

  /** The open channel of a key. */
  get(key: string): CallChannel | undefined {
    return this.#channels.get(key);
  }

  /**
   * Opens the channel of a key, or keeps it open.
   * @param reservation for how many ms the key is reserved for this process when it is called
   */
  open(key: string, reservation: number, listener: CallListener): void {
    const open = this.#channels.get(key);
    if (open) return open.keep();
    const terms = { key, name: this.#nameOf(key), reservation, quorum: this.#quorum };
    const closed = (): boolean => this.#channels.delete(key);
    this.#channels.set(key, new CallChannel(terms, this.#nodes, this.#runtime, listener, closed));
  }

  /** The member that stands for this process in the queues of a key, whether its channel is open or not. */
  memberOf(key: string, reservation: number, mode: LockMode): string {
    const own = this.#channels.get(key)?.reservation ?? reservation;
    return memberOf(this.#nameOf(key), own, mode);
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.close();
  }

  #nameOf(key: string): string {
    this.#process ??= this.#runtime.token();
    return `${key}:called:${this.#process}`;
  }
}
