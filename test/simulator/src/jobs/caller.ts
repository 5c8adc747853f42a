import type { Random } from 'test-kit/random';
import {
  LockLostError,
  QuorumError,
  RedlockError,
  type AcquireOptions,
  type Lock,
  type PermitLock,
  type Redlock,
  type Semaphore,
} from '../core.js';
import { LONG_TTL } from '../plan/plan.js';
import type { Client } from '../run/client.js';
import type { Scene } from '../run/scene.js';
import { paceOf, type Pace } from './pace.js';

export type Resources = readonly [string, ...string[]];

/** The reason of a caller that does not want its lock any more. */
const ABORTED = new Error('the caller has gone');

/** So many times the ttl that is held already. */
const FAR_LONGER = 10;

/** Some resources, or the lock on them that has a token. */
interface Subject {
  /** Of what it is, if that is more than its resources. */
  readonly name?: string;
  readonly resources: readonly string[];
  readonly token?: string;
}

/** What a caller wants: the lock of some resources, or any permit of a semaphore. */
interface Wanted extends Subject {
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

/** Code of a process that calls its Redlock. What it asks for follows from chance. */
export class Caller {
  readonly pace: Pace;
  redlock: Redlock;
  readonly #semaphore: Semaphore | null;

  constructor(
    readonly client: Client,
    readonly scene: Scene,
    readonly random: Random,
  ) {
    this.redlock = client.redlock;
    this.#semaphore = client.semaphore();
    this.pace = paceOf(scene.plan, client.isBesieged, random);
  }

  wanted(): Wanted {
    const { redlock } = this;
    const semaphore = this.#semaphore;
    if (semaphore) {
      return {
        name: `a permit of ${semaphore.name}`,
        resources: this.client.wanted as Resources,
        isReentrant: false,
        acquire: (ttl, options) => semaphore.acquire(ttl, options),
        tryAcquire: (ttl, options) => semaphore.tryAcquire(ttl, options),
        using: (ttl, options, routine) => semaphore.using(ttl, options, routine),
      };
    }
    const resources = this.#resources();
    return {
      resources,
      isReentrant: true,
      acquire: (ttl, options) => redlock.acquire(resources, ttl, options),
      tryAcquire: (ttl, options) => redlock.tryAcquire(resources, ttl, options),
      using: (ttl, options, routine) => redlock.using(resources, ttl, options, routine),
    };
  }

  #resources(): Resources {
    const { resources } = this.scene.plan;
    if (resources.length < 3) {
      return this.random.chance(0.25) ? resources : [this.random.pick(resources)];
    }
    const [first, ...others] = resources.filter(() => this.random.chance(0.5));
    return first === undefined ? [this.random.pick(resources)] : [first, ...others];
  }

  ttl(): number {
    const { longTtls, driftFactor } = this.scene.plan;
    if (longTtls && this.random.chance(0.3)) return LONG_TTL;
    const least = Math.ceil(3 / (1 - driftFactor));
    return Math.max(least, Math.round(this.client.ttl * this.random.pick(this.pace.ttls)));
  }

  /** Of an extension, or of a re-entry: often by far more than what is held. */
  longerTtl(): number {
    const longer = this.random.chance(0.3) ? FAR_LONGER : 1;
    return Math.min(longer * this.ttl(), this.scene.plan.longestTtl);
  }

  options(resources: Resources): AcquireOptions {
    const { random, pace } = this;
    const { kind, ttl, fenced } = this.scene.plan;
    const { isBesieged, sharing } = this.client;
    const isCrowd = kind === 'crowd';
    return {
      wait: ttl * random.pick(isCrowd ? [3, 20, Infinity, Infinity] : [0, 0.5, 3, 10, Infinity]),
      pollInterval: ttl * random.pick(pace.polls),
      autoExtend: isBesieged || random.chance(kind === 'wild' ? 0.2 : 0.4),
      maxHold: ttl * random.pick(isBesieged ? [Infinity] : [1, 5, Infinity]),
      fencing: resources.every((resource) => fenced.has(resource)),
      signal: random.chance(isCrowd ? 0.05 : 0.15) ? this.signal([0.05, 0.3, 1]) : undefined,
      // Of a permit nobody may say how it is to be held.
      ...(sharing > 0 && random.chance(sharing) && { mode: 'shared' as const }),
    };
  }

  /** @param factors of the ttl: after one of these times it aborts */
  signal(factors: readonly [number, ...number[]]): AbortSignal {
    const controller = new AbortController();
    const ms = this.scene.plan.ttl * this.random.pick(factors);
    this.client.process.setTimeout(() => controller.abort(ABORTED), ms);
    return controller.signal;
  }

  /** Whether its semaphore has a permit. */
  mayAdopt(lock: Lock): boolean {
    return !this.#semaphore || (lock as PermitLock).permit < this.client.permits;
  }

  /** Takes a lock over: that of resources, or a permit. */
  adopt(lock: Lock, ttl: number, options: Pick<AcquireOptions, 'fencing' | 'mode'>): Promise<Lock> {
    const { resources, token } = lock;
    const { fencing } = options;
    if (!this.#semaphore) return this.redlock.adopt(resources, token, ttl, options);
    return this.#semaphore.adopt((lock as PermitLock).permit, token, ttl, { fencing });
  }

  /** @param on what the call is about */
  async call<T>(what: string, on: Subject, call: () => Promise<T>): Promise<T> {
    const told = `${what} ${on.token ?? on.name ?? on.resources.join('+')}`;
    this.tell(told);
    return await this.client.calling(told, call());
  }

  async wait<T>(
    what: string,
    on: Subject,
    options: AcquireOptions,
    call: () => Promise<T>,
  ): Promise<T> {
    const wait = this.scene.waits(this.client.process, on.resources, options);
    try {
      return await this.call(what, on, call);
    } finally {
      this.scene.waitEnds(wait);
    }
  }

  sleep(ms: number): Promise<void> {
    return ms > 0 ? this.client.process.sleep(ms) : Promise.resolve();
  }

  /** Whoever asks must expect to be refused, but not anyhow. */
  refused(error: unknown): void {
    const { tally } = this.scene;
    this.tell(`is told: ${String(error)}`);
    if (error === ABORTED) tally.aborts++;
    else if (QuorumError.is(error)) tally.breakdowns++;
    else if (LockLostError.is(error) || RedlockError.is(error)) tally.refusals++;
    else this.scene.fail('errors', String(error instanceof Error ? error.stack : error));
  }

  tell(what: string): void {
    this.scene.tell(this.client.process.name, what);
  }
}
