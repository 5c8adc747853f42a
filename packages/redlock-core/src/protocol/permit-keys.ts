import type { LockMode } from '../mode.js';
import { counterOf, helperOf, PERMIT_LINE_SUFFIX, setOf, type LockKeys } from './lock-keys.js';

/** The resource whose lock is a permit: `{name}:permit:3`, or `name::permit:3` if the name has a hash tag. */
export function permitResource(semaphore: string, permit: number): string {
  return helperOf(semaphore, `:permit:${permit}`);
}

/** The one queue of a semaphore, which is also the name of its line in this process. */
export function permitLine(semaphore: string, keyPrefix: string): string {
  return keyPrefix + helperOf(semaphore, PERMIT_LINE_SUFFIX);
}

/** The keys of a permit whose key is given; null: it is the key of no permit. A semaphore has 1000 of them at most. */
export function permitKeysIn(key: string, fenced: boolean): PermitKeys | null {
  const [, stem, permit] = /^(.*\{.+\}.*):permit:(0|[1-9]\d{0,2})$/s.exec(key) ?? [];
  if (stem === undefined) return null;
  return new PermitKeys(stem + PERMIT_LINE_SUFFIX, Number(permit), 0, fenced);
}

/**
 * The keys of one permit of a semaphore. Each permit has a key and a counter of its own; all of them share one queue, and
 * the line in which this process waits.
 */
export class PermitKeys implements LockKeys {
  constructor(
    /** The line and the queue of the semaphore. */
    readonly line: string,
    readonly permit: number,
    /** 0: unknown, because the permit is adopted. */
    readonly permits: number,
    readonly fenced: boolean,
  ) {}

  get queued(): boolean {
    return true;
  }

  get mode(): LockMode {
    return 'exclusive';
  }

  get keys(): readonly string[] {
    return [`${this.line.slice(0, -PERMIT_LINE_SUFFIX.length)}:permit:${this.permit}`];
  }

  get counters(): readonly string[] {
    return this.fenced ? this.keys.map(counterOf) : [];
  }

  get queues(): readonly string[] {
    return [this.line];
  }

  get sets(): readonly string[] {
    return this.keys.map(setOf);
  }

  get onCluster(): boolean {
    return false;
  }

  get setsOfGrant(): readonly string[] {
    return this.sets;
  }

  get lines(): readonly string[] {
    return this.queues;
  }
}
