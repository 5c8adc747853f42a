/** redlock 4 has no types, and those of redlock 5 are not in its `exports`. */
declare module 'redlock-4' {
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
  export default class Redlock {
    static readonly Lock: typeof Lock;
    constructor(clients: readonly object[], options: { retryDelay: number });
    on(event: 'clientError', listener: (error: Error) => void): this;
    lock(resource: string, ttl: number): PromiseLike<Lock>;
    lockWithOptions(
      resource: string,
      ttl: number,
      options: { retryCount: number },
    ): PromiseLike<Lock>;
  }
}

declare module 'redlock-5' {
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
  export default class Redlock {
    constructor(clients: Iterable<object>, settings: { retryDelay: number });
    acquire(
      resources: readonly string[],
      duration: number,
      settings?: { retryCount: number },
    ): Promise<Lock>;
  }
}
