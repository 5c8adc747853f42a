import type { Random } from 'test-kit/random';
import {
  LockLostError,
  QuorumError,
  RedlockError,
  type AcquireOptions,
  type Lock,
  type Redlock,
  type Semaphore,
} from '../core.js';
import type { Client } from '../run/client.js';
import type { Holding } from '../run/holding.js';
import type { Scene } from '../run/scene.js';
import type { Mailbox } from './mailbox.js';
import { paceOf, type Pace } from './pace.js';
import { lockOf, permitOf, type Wanted } from './wanted.js';
import { ABORTED, Wishes } from './wishes.js';

/** Some resources, or the lock on them that has a token. */
interface Subject {
  /** Of what it is, if that is more than its resources. */
  readonly name?: string;
  readonly resources: readonly string[];
  readonly token?: string;
}

/** Code of a process that calls its Redlock. The oracles are told of each call. */
export class Caller {
  readonly pace: Pace;
  readonly wishes: Wishes;
  /** null: the run has none. */
  readonly #semaphore: Semaphore | null;

  constructor(
    readonly client: Client,
    readonly scene: Scene,
    readonly random: Random,
    readonly mailbox: Mailbox,
  ) {
    this.pace = paceOf(scene.plan, client.isBesieged, random);
    this.wishes = new Wishes(client, scene, random, this.pace);
    const { semaphore } = scene.plan;
    this.#semaphore = semaphore && client.redlock.semaphore(semaphore.name, semaphore.permits);
  }

  get redlock(): Redlock {
    return this.client.redlock;
  }

  /** What it asks for this time. */
  wanted(): Wanted {
    return this.#semaphore
      ? permitOf(this.#semaphore, this.scene.plan.resources)
      : lockOf(this.redlock, this.wishes.resources());
  }

  /** @param on what the call is about */
  async call<T>(what: string, on: Subject, call: () => Promise<T>): Promise<T> {
    const { process } = this.client;
    const told = `${what} ${on.token ?? on.name ?? on.resources.join('+')}`;
    this.tell(told);
    this.scene.began(process, on.resources);
    try {
      return await this.client.calling(told, call());
    } finally {
      this.scene.ended(process, on.resources);
    }
  }

  /** A call that waits until it is granted something. */
  async wait<T>(
    what: string,
    on: Subject,
    options: AcquireOptions,
    call: () => Promise<T>,
  ): Promise<T> {
    const wait = this.scene.waits(this.client.process, options);
    try {
      return await this.call(what, on, call);
    } finally {
      this.scene.waitEnds(wait);
    }
  }

  /** @param outer what the caller has re-entered */
  handle(lock: Lock, outer?: Holding): Holding {
    return this.scene.handle(this.client.process, lock, outer);
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
    this.scene.story?.tell(this.client.process.name, what);
  }
}
