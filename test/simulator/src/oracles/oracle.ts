import type { Holding } from '../run/holding.js';
import type { ClientProcess } from '../world/process.js';
import type { Change, Message, QueueChange, SharingChange } from '../server/witness.js';

/** A command that the core has given to the client of a node. Times are on the monotonic clock of the process. */
export interface Call {
  readonly process: ClientProcess;
  /** The node's position. */
  readonly node: number;
  readonly command: readonly string[];
  readonly at: number;
  /** When the reply came, or when the client has given the command up; Infinity: neither yet. */
  answeredAt: number;
}

/** An attempt that was denied. */
export interface Contention {
  readonly process: string;
  readonly resources: readonly string[];
  /** Whether some nodes granted it. */
  readonly isSplit: boolean;
  /** The longest of a node that voted, in ms. */
  readonly roundTrip: number;
}

/** Watches a run, and says when a promise does not hold. */
export interface Oracle {
  /** A process asks its Redlock for something. */
  began?(process: ClientProcess, resources: readonly string[]): void;
  /** What a process has asked for is settled. */
  ended?(process: ClientProcess, resources: readonly string[]): void;
  acquired?(holding: Holding): void;
  /** The process of a holding has run. */
  looked?(holding: Holding): void;
  /** @param asked when its extension was asked for, which went well */
  extended?(holding: Holding, asked: number): void;
  /** An extension went well, an automatic one too. */
  renewed?(holding: Holding): void;
  lost?(holding: Holding): void;
  detached?(holding: Holding): void;
  /** @param confirmed what `release` resolved to */
  released?(holding: Holding, confirmed: boolean): void;
  contended?(contention: Contention): void;
  /** A call does not wait any more. Told before it is forgotten. */
  waited?(): void;
  /** The key of a resource is another on one node. */
  changed?(change: Change): void;
  /** The fencing counter of a resource is another on one node. Told after the key's own change, if there is one. */
  counted?(change: Change): void;
  /** Who shares the key of a resource on one node, or for how long, is another, or may be. Told before the changes of keys. */
  shared?(change: SharingChange): void;
  /** Who stands in the queue of a resource is another on one node, or may be. Told before the changes of keys. */
  queued?(change: QueueChange): void;
  /** A node has published something. Told before the changes of queues. */
  published?(message: Message): void;
  /** A process hears that a node keeps a key for it. @param node the node's position */
  heard?(process: ClientProcess, node: number, key: string): void;
  called?(call: Call): void;
  answered?(call: Call): void;
}
