import type { AcquireOptions, Lock, PermitOptions, Redlock, Semaphore } from '../core.js';
import type { Resources } from './wishes.js';

/** What a caller wants: the lock of some resources, or any permit of a semaphore. */
export interface Wanted {
  readonly name: string;
  /** Those that it wants; of a semaphore, those of all permits. */
  readonly resources: Resources;
  /** Whether its holder may acquire it once more. */
  readonly isReentrant: boolean;
  acquire(ttl: number, options: AcquireOptions): Promise<Lock>;
  tryAcquire(ttl: number, options: AcquireOptions): Promise<Lock | null>;
  using(
    ttl: number,
    options: AcquireOptions,
    routine: (signal: AbortSignal, lock: Lock) => Promise<void>,
  ): Promise<void>;
}

export function lockOf(redlock: Redlock, resources: Resources): Wanted {
  return {
    name: resources.join('+'),
    resources,
    isReentrant: true,
    acquire: (ttl, options) => redlock.acquire(resources, ttl, options),
    tryAcquire: (ttl, options) => redlock.tryAcquire(resources, ttl, options),
    using: (ttl, options, routine) => redlock.using(resources, ttl, options, routine),
  };
}

/** @param resources those of all permits */
export function permitOf(semaphore: Semaphore, resources: Resources): Wanted {
  return {
    name: `a permit of ${semaphore.name}`,
    resources,
    isReentrant: false,
    acquire: (ttl, options) => semaphore.acquire(ttl, permitOptions(options)),
    tryAcquire: (ttl, options) => semaphore.tryAcquire(ttl, permitOptions(options)),
    using: (ttl, options, routine) => semaphore.using(ttl, permitOptions(options), routine),
  };
}

/** Permits are neither shared nor re-entered. */
function permitOptions({
  mode: _mode,
  reentrant: _reentrant,
  ...options
}: AcquireOptions): PermitOptions {
  return options;
}
