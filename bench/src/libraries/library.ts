import type { Redis } from 'ioredis';
import { type ClientOptions, disconnectAll, ioredisClients, pendingOn, sentBy } from './clients.js';

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** redis-semaphore puts this before each resource. With it in a resource, all libraries mean the same key. */
export const PREFIX = 'mutex:';

/** How long a call retries: one attempt, as long as the library does by default, or until it has the lock. */
export type Patience = 'once' | 'default' | 'forever';

export interface Held {
  /** The library's own object, which a program may print. */
  readonly lock: unknown;
  release(): PromiseLike<unknown>;
}

/** A lock library as one process uses it. */
export interface Locker {
  /** Rejects with the library's error without a lock. */
  acquire(resource: string, ttl: number): Promise<Held>;
  /**
   * Runs a routine under a lock that is extended while it runs. The signal aborts when the library reports the loss of
   * the lock. Missing if the library does not extend locks by itself.
   */
  using?(
    resource: string,
    ttl: number,
    routine: (signal: AbortSignal) => Promise<void>,
  ): Promise<void>;
  close?(): Promise<void>;
}

interface OpenOptions {
  readonly patience: Patience;
  /** Limit of a command to a node, in ms, if the library or its adapter has an option for that. */
  readonly nodeTimeout?: number | undefined;
}

/** A lock library, or code in place of one, over connected clients. */
export type Library = (clients: readonly Redis[], options: OpenOptions) => Locker | Promise<Locker>;

/** A library with clients of its own, as the bench measures it. */
export interface Subject {
  /** Waits until it has the lock. */
  acquire(resource: string): Promise<Held>;
  /** Commands to all nodes so far; null where the client does not count. */
  sent(): number | null;
  /** Commands to the first node without an answer; null where the client does not count. */
  pending(): number | null;
  close(): Promise<void>;
}

/** Makes a subject whose clients are connected. */
export type SubjectFactory = (
  servers: readonly Address[],
  options: { readonly ttl: number },
) => Promise<Subject>;

export function subjectOf(
  load: Library | { readonly load: () => Promise<Library> },
  options: ClientOptions = {},
): SubjectFactory {
  return async (servers, { ttl }) => {
    const library = typeof load === 'function' ? load : await load.load();
    const clients = await ioredisClients(servers, options);
    const locker = await library(clients, { patience: 'forever' });
    return {
      acquire: (resource) => locker.acquire(resource, ttl),
      sent: () => sentBy(clients),
      pending: () => pendingOn(clients[0]),
      close: async () => {
        await locker.close?.();
        disconnectAll(clients);
      },
    };
  };
}

export async function lockAndRelease(subject: Subject, resource: string): Promise<void> {
  const held = await subject.acquire(resource);
  await held.release();
}
