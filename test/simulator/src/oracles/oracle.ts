import type { Holding } from '../run/holding.js';
import type { Change, Message, QueueChange, SharingChange } from '../server/witness.js';
import type { Wait } from '../run/wait.js';
import type { ClientProcess } from '../world/process.js';

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

/** All that oracles are told of, and with what. */
export interface Events {
  acquired: [holding: Holding];
  /** The process of a holding has run. */
  looked: [holding: Holding];
  /** An explicit extension, asked for at a moment in true time, went well. */
  extended: [holding: Holding, asked: number];
  /** An extension went well, an automatic one too. */
  renewed: [holding: Holding];
  lost: [holding: Holding];
  /** The holder gives a handle up, and not the lock. */
  detached: [holding: Holding];
  /** With what `release` resolved to. */
  released: [holding: Holding, confirmed: boolean];
  /** A call begins to wait for a lock. */
  waits: [wait: Wait];
  /** A call has ended: it was granted a lock, or gave up. */
  waited: [wait: Wait];
  /** The key of a resource is another on one node. */
  changed: [change: Change];
  /** The fencing counter of a resource is another on one node. Told after the key's own change, if there is one. */
  counted: [change: Change];
  /** Who shares the key of a resource on one node, or for how long, is another, or may be. Told before the changes of keys. */
  shared: [change: SharingChange];
  /** The queue of a resource is another on one node, or may be. Told before the changes of keys. */
  queued: [change: QueueChange];
  /** A node has published something. Told before the changes of queues. */
  published: [message: Message];
  /** A process receives a notification of a node, given by its position. */
  heard: [process: ClientProcess, node: number, text: string];
  called: [call: Call];
  answered: [call: Call];
}

/** Watches a run, and says when a promise does not hold. */
export type Oracle = { readonly [E in keyof Events]?: (...args: Events[E]) => void };
