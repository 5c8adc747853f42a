import type { QueueEntry } from '../server/commands.js';
import type { Server } from '../server/server.js';
import type { Sharers } from '../server/sharers.js';
import type { ClientProcess } from '../world/process.js';
import type { Holding } from './holding.js';
import type { Wait } from './wait.js';

/** A command that the core has given to the client of a node. Times are on the monotonic clock of the process. */
export interface Call {
  readonly process: ClientProcess;
  readonly node: number;
  readonly command: readonly string[];
  readonly at: number;
  /** When the reply came, or when the client has given the command up; Infinity: neither yet. */
  answeredAt: number;
}

/** A command that one server has executed. */
interface Execution {
  readonly server: Server;
  readonly command: readonly string[];
}

/** What a command did to the key of a resource. */
export interface Change extends Execution {
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a command did to those who share the key of a resource. It may have done nothing. */
export interface SharingChange extends Execution {
  readonly key: string;
  readonly before: Sharers;
  readonly after: Sharers;
}

/** What a command did to the queue of a resource. It may have done nothing. */
export interface QueueChange extends Execution {
  readonly queue: string;
  readonly before: readonly QueueEntry[];
  readonly after: readonly QueueEntry[];
  /** The values before of the other keys that the command names. */
  readonly keys: ReadonlyMap<string, string | null>;
  /** Those who shared them before. */
  readonly sharers: ReadonlyMap<string, Sharers>;
}

/** What a server has published while it executed a command. */
export interface Message extends Execution {
  readonly channel: string;
  readonly text: string;
  readonly receivers: number;
}

/** All that happens in a run. */
export interface Events {
  acquired: [holding: Holding];
  looked: [holding: Holding];
  /** An explicit extension, asked for at a moment in true time, went well. */
  extended: [holding: Holding, asked: number];
  /** An extension went well, an automatic one too. */
  renewed: [holding: Holding];
  lost: [holding: Holding];
  /** With what `release` resolved to. */
  released: [holding: Holding, confirmed: boolean];
  /** A call that has waited for a lock has ended: it was granted one, or gave up. */
  waited: [wait: Wait];
  called: [call: Call];
  answered: [call: Call];
  /** A process receives a notification of a node, given by its position. */
  heard: [process: ClientProcess, node: number, text: string];
  /** A node executes a command, which then has the effects below, in this order. */
  executed: [command: readonly string[]];
  published: [message: Message];
  queued: [change: QueueChange];
  shared: [change: SharingChange];
  /** The key of a resource has another value. */
  changed: [change: Change];
  /** The fencing counter of a resource has another value. */
  counted: [change: Change];
}

export type Emit = <E extends keyof Events>(event: E, ...args: Events[E]) => void;

/** Watches a run, and says when a promise does not hold. */
export type Oracle = { readonly [E in keyof Events]?: (...args: Events[E]) => void };
