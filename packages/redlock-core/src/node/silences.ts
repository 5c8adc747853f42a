import type { GuardedNode } from './guarded-node.js';
import type { Round } from './round.js';
import type { Runtime } from '../time/runtime.js';
import { Silence } from './silence.js';
import { slotOf } from '../protocol/slot.js';

/** The silences of one node: on a Cluster one master says nothing about another. */
export class Silences {
  readonly #node: GuardedNode;
  readonly #runtime: Runtime;
  readonly #servers = new Map<string, Silence>();
  #closed = false;

  constructor(node: GuardedNode, runtime: Runtime) {
    this.#node = node;
    this.#runtime = runtime;
  }

  /** Some server is silent. */
  get active(): boolean {
    return this.#all.some(({ active }) => active);
  }

  /** Some server is silent, and what is in flight to it will show when it answers again. */
  get blocking(): boolean {
    return this.#all.some(({ active, isIdle }) => active && !isIdle);
  }

  /** Of the server that a round is for. */
  at(round: Round | undefined): Silence {
    const server = this.#serverOf(round);
    return this.#servers.get(server) ?? this.#add(server);
  }

  end(): void {
    for (const silence of this.#all) silence.end();
  }

  /** Also of servers that are not known yet. */
  close(): void {
    this.#closed = true;
    for (const silence of this.#all) silence.close();
  }

  #add(server: string): Silence {
    const reconnect = (): void => {
      if (this.#node.ready) this.#node.reconnect(server);
    };
    const silence = new Silence(this.#runtime, reconnect);
    if (this.#closed) silence.close();
    this.#servers.set(server, silence);
    return silence;
  }

  get #all(): readonly Silence[] {
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
