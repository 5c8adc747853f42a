import type { Refused } from '../attempt/attempt.js';
import type { Request } from '../attempt/request.js';
import type { Quorum } from '../quorum/quorum.js';
import type { LockKeys } from '../protocol/lock-keys.js';
import type { Runtime } from '../time/runtime.js';
import type { Announcements } from './announcements.js';
import { FreeNodes } from './free-nodes.js';
import type { WaiterEntry } from './waiter-entry.js';

/** The nodes, and how their releases are heard. */
export interface ReleaseSource {
  readonly announcements: Announcements;
  readonly quorum: Pick<Quorum, 'nodes' | 'size'>;
  readonly runtime: Runtime;
}

const NONE: readonly (() => void)[] = [];

/** Listens to releases for one waiter, and wakes it when its resources seem free on a quorum. */
export class ReleaseListener {
  readonly #source: ReleaseSource;
  readonly #lockKeys: LockKeys;
  readonly #entry: WaiterEntry;
  /** The nodes that are free, as far as is known; null until the waiter listens. */
  #free: FreeNodes | null = null;
  #unlisten: readonly (() => void)[] = NONE;

  constructor(source: ReleaseSource, { lockKeys }: Request, entry: WaiterEntry) {
    this.#source = source;
    this.#lockKeys = lockKeys;
    this.#entry = entry;
  }

  listen(): void {
    if (this.#free) return;
    const { announcements, quorum, runtime } = this.#source;
    const free = new FreeNodes(quorum.nodes);
    this.#free = free;
    this.#unlisten = this.#lockKeys.channels.map((channel, resource) =>
      announcements.listen(channel, (node) => {
        const now = runtime.now();
        // Wake once only: another wake-up would cut the random pause among contenders short.
        const isFree = free.announced(node, resource, now);
        if (isFree || (this.#entry.standsFor(resource) && free.isFree(resource, now))) {
          this.#entry.wake();
        }
      }),
    );
  }

  /** The waiter is about to ask the nodes: only releases from now on count. */
  asking(): void {
    const { announcements } = this.#source;
    if (announcements.isIdle) return;
    if (this.#lockKeys.channels.some((channel) => announcements.isOpen(channel))) this.listen();
    this.#free?.forget();
  }

  /** Learns from a refused attempt which nodes are held, and for how long. */
  refused(refused: Refused): void {
    this.#free?.learn(refused, this.#source.runtime.now());
  }

  /** As {@link FreeNodes.freeAt}; Infinity while the waiter does not listen. */
  get freeAt(): number {
    return this.#free?.freeAt ?? Infinity;
  }

  /**
   * Whether one of the resources is free on a quorum, as far as is known.
   * @param now on the monotonic clock
   */
  isFree(resource: number, now: number): boolean {
    return this.#free?.isFree(resource, now) ?? false;
  }

  /** Whether the waiter listens, and any node can announce releases. */
  get listens(): boolean {
    return this.#free !== null && this.#source.announcements.available;
  }

  /** Whether the releases on a quorum of nodes reach this process, for each of the resources. */
  get hearsQuorum(): boolean {
    const { announcements, quorum } = this.#source;
    const { channels } = this.#lockKeys;
    let heard = 0;
    for (let node = 0; node < quorum.nodes; node++) {
      if (channels.every((channel) => announcements.hears(channel, node))) heard++;
    }
    return heard >= quorum.size;
  }

  close(): void {
    for (const unlisten of this.#unlisten) unlisten();
  }
}
