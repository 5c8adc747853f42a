/**
 * redlock 4 has no types, and those of redlock 5 are not in its `exports`. These are the members that tests use, those
 * of bench among them.
 */
declare module 'redlock-4' {
  interface Options {
    readonly retryCount?: number;
    readonly retryDelay?: number;
  }
  class Lock {
    constructor(
      redlock: Redlock,
      resource: readonly string[],
      value: string,
      expiration: number,
      attempts: number,
      attemptsRemaining: number,
    );
    readonly value: string;
    readonly expiration: number;
    unlock(): PromiseLike<void>;
    extend(ttl: number): PromiseLike<Lock>;
  }
  class Redlock {
    static readonly Lock: typeof Lock;
    constructor(clients: readonly object[], options: Options);
    on(event: 'clientError', listener: (error: Error) => void): this;
    lock(resource: string, ttl: number): PromiseLike<Lock>;
    lockWithOptions(resource: string, ttl: number, options: Options): PromiseLike<Lock>;
  }
  export default Redlock;
}

declare module 'redlock-5' {
  interface Settings {
    readonly retryCount?: number;
    readonly retryDelay?: number;
  }
  class Redlock {
    constructor(clients: Iterable<object>, settings?: Settings);
    on(event: 'error', listener: (error: Error) => void): this;
    using<T>(
      resources: string[],
      duration: number,
      routine: (signal: AbortSignal) => Promise<T>,
    ): Promise<T>;
    acquire(resources: readonly string[], duration: number, settings?: Settings): Promise<Lock>;
  }
  export class Lock {
    constructor(
      redlock: Redlock,
      resources: string[],
      value: string,
      attempts: readonly never[],
      expiration: number,
    );
    readonly value: string;
    readonly expiration: number;
    release(): Promise<unknown>;
    extend(duration: number): Promise<Lock>;
  }
  export default Redlock;
}
