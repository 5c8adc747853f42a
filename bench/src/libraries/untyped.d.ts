/** redlock 4 has no types, and those of redlock 5 are not in its `exports`. */
declare module 'redlock-4' {
  interface Lock {
    unlock(): PromiseLike<void>;
  }
  export default class Redlock {
    constructor(clients: readonly object[], options?: { retryCount?: number });
    on(event: 'clientError', listener: (error: Error) => void): this;
    lock(resource: string, ttl: number): PromiseLike<Lock>;
  }
}

declare module 'redlock-5' {
  interface Lock {
    release(): Promise<unknown>;
  }
  export default class Redlock {
    constructor(clients: Iterable<object>, settings?: { retryCount?: number });
    on(event: 'error', listener: (error: Error) => void): this;
    acquire(resources: string[], duration: number): Promise<Lock>;
    using<T>(
      resources: string[],
      duration: number,
      routine: (signal: AbortSignal) => Promise<T>,
    ): Promise<T>;
  }
}
