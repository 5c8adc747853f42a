import type { Redis } from 'ioredis';

/**
 * How long a call keeps trying: one attempt, as long as the library does by default, or until it has the lock.
 */
export type Patience = 'once' | 'default' | 'forever';

/** A lock that nobody extends but its caller. */
interface Held {
  /** The library's own object, which a program may print. */
  readonly lock: unknown;
  /** Rejects if the library says that it could not extend the lock. */
  extend(ttl: number): Promise<void>;
  /** Resolves with what the library says about it, if anything. */
  release(): Promise<unknown>;
}

/** A library as one process uses it, over clients of its own. */
export interface Locker {
  /** Rejects with the library's error if it does not get the lock. */
  acquire(resource: string, ttl: number, patience: Patience): Promise<Held>;
  /**
   * Runs a routine under a lock that is extended for as long as it runs. The signal aborts when the library says that
   * the lock is lost. Null if the library extends no lock by itself.
   */
  readonly using:
    | ((
        resource: string,
        ttl: number,
        routine: (signal: AbortSignal) => Promise<void>,
      ) => Promise<void>)
    | null;
  /** What an error of `acquire` tells by documented means, in one text. */
  explain(reason: unknown): Promise<string>;
  /** Ends what the library itself has opened. */
  close?(): Promise<void>;
}

/** A lock library of npm. */
export interface Library {
  /** The key of a resource on the nodes. */
  keyOf(resource: string): string;
  open(clients: readonly Redis[], options: OpenOptions): Locker;
}

interface OpenOptions {
  /** How long a command to a node may take, in ms, if the library or its adapter has an option for that. */
  readonly nodeTimeout?: number;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
