import type { Redis } from 'ioredis';
import { type Address, type ClientOptions, disconnectAll, ioredisClients } from './clients.js';

export const TTL = 10_000;

/** redis-semaphore puts this before each resource. With it in a resource, all libraries mean the same key. */
export const PREFIX = 'mutex:';

/** How long a call retries: one attempt, as long as the library does by default, or until it has the lock. */
export type Patience = 'once' | 'default' | 'forever';

interface Held {
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

/** A library over its own connected clients. */
export interface OpenLibrary extends Locker {
  readonly name: string;
  /** Empty if the library has another client than ioredis. */
  readonly clients: readonly Redis[];
  acquire(resource: string, ttl?: number): Promise<Held>;
  close(): Promise<void>;
}

export interface OpenOptions extends ClientOptions {
  /** By default 'forever'. */
  readonly patience?: Patience;
}

/** A lock library, or code in place of one, that is measured. */
export interface Library {
  readonly name: string;
  open(nodes: readonly Address[], options?: OpenOptions): Promise<OpenLibrary>;
}

/** Makes a locker of connected clients. */
export type Opening = (
  clients: readonly Redis[],
  /** `nodeTimeout`: of a command to a node, in ms, if the library or its adapter has an option for that. */
  options: { readonly patience: Patience; readonly nodeTimeout: number | undefined },
) => Locker | Promise<Locker>;

/** A library over ioredis. */
export function overIoredis(
  name: string,
  /** Perf: loaded when it is opened, because a hundred processes start at once and need one library each. */
  load: () => Opening | Promise<Opening>,
  defaults: ClientOptions = {},
): Library {
  return {
    name,
    open: async (nodes, { patience = 'forever', ...options } = {}) => {
      const opening = await load();
      const clients = await ioredisClients(nodes, { ...defaults, ...options });
      const locker = await opening(clients, { patience, nodeTimeout: options.commandTimeout });
      return {
        ...locker,
        name,
        clients,
        acquire: (resource, ttl = TTL) => locker.acquire(resource, ttl),
        close: async () => {
          await locker.close?.();
          disconnectAll(clients);
        },
      };
    },
  };
}

/** Lends open libraries with separate connections to the same nodes, and closes them afterwards. */
export async function withLibraries<T>(
  libraries: readonly Library[],
  nodes: readonly Address[],
  work: (open: readonly OpenLibrary[]) => Promise<T>,
): Promise<T> {
  const open: OpenLibrary[] = [];
  for (const library of libraries) open.push(await library.open(nodes));
  const result = await work(open);
  await Promise.all(open.map((library) => library.close()));
  return result;
}

export async function lockAndRelease(
  library: Pick<OpenLibrary, 'acquire'>,
  resource: string,
): Promise<void> {
  const held = await library.acquire(resource);
  await held.release();
}
