import type { QueueEntry } from '../commands/queue-entry.js';
import type { Server } from './server.js';
import type { Sharers } from './sharers.js';

/** What a command did to the key of a resource on one server. */
export interface Change {
  readonly server: Server;
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly command: readonly string[];
}

/** What a command did to those who share the key of a resource on one server. It may have done nothing. */
export interface SharingChange {
  readonly server: Server;
  readonly key: string;
  /** The value of the key before. */
  readonly value: string | null;
  readonly before: Sharers;
  readonly after: Sharers;
  readonly command: readonly string[];
}

/** What a command did to the queue of a resource on one server. It may have done nothing. */
export interface QueueChange {
  readonly server: Server;
  readonly queue: string;
  /** In order of their tickets. */
  readonly before: readonly QueueEntry[];
  readonly after: readonly QueueEntry[];
  /** The values before of the other keys that the command names. */
  readonly keys: ReadonlyMap<string, string | null>;
  /** Those who shared them before. */
  readonly sharers: ReadonlyMap<string, Sharers>;
  readonly command: readonly string[];
}

/** What a server has published while it executed a command. */
export interface Message {
  readonly server: Server;
  readonly channel: string;
  readonly text: string;
  readonly receivers: number;
  readonly command: readonly string[];
}

/** A witness is told what a server does. */
export interface Witness {
  executed(command: readonly string[]): void;
  changed(change: Change): void;
  /** Told before {@link changed}, of keys that are shared before or after a command. */
  shared(change: SharingChange): void;
  /** Told before {@link shared}. */
  queued(change: QueueChange): void;
  /** Told before {@link queued}. */
  published(message: Message): void;
}
