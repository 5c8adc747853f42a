import type { Client } from '../run/client.js';
import type { AcquireOptions, Lock } from '../core.js';
import { LockLostError, QuorumError, RedlockError } from '../core.js';
import type { Holding } from '../run/holding.js';
import type { Mailbox } from './mailbox.js';
import { LONG_TTL } from '../plan/plan.js';
import type { Random } from 'testbed/random';
import { tellLock, type Scene } from '../run/scene.js';

const ABORTED = new Error('the caller has gone');

/**
 * Where keys expire too early or nodes forget, some hold a lock for long, while others come and go: those
 * must not get in.
 */
interface Pace {
  /** Of `ttl`, as are all below. */
  readonly ttls: Choice;
  readonly rests: Choice;
  readonly works: Choice;
  readonly extensions: Choice;
  readonly pauses: Choice;
  readonly retries: Choice;
  /** How many times as many operations. */
  readonly turns: number;
}

type Choice = readonly [number, ...number[]];

const ANY: Pace = {
  ttls: [0.3, 0.7, 1, 1, 2],
  rests: [0, 0, 0.3, 1],
  works: [0, 0.1, 0.5, 1.2],
  extensions: [0, 0, 1, 2],
  pauses: [0, 0.3, 0.8],
  retries: [0.2, 0.5, 1],
  turns: 1,
};
const LONG: Pace = {
  ...ANY,
  ttls: [1, 2],
  works: [0.1, 0.3, 0.6, 1],
  extensions: [2, 4, 6],
  pauses: [0.05, 0.2, 0.5],
};
const ENDURING: Pace = {
  ...LONG,
  ttls: [1],
  rests: [0],
  works: [8, 20],
  extensions: [0],
  turns: 3,
};
/** Longer than the attempt of another process stands still. */
const UNENDING: Pace = { ...ENDURING, works: [30, 60], turns: 1 };
const BRIEF: Pace = {
  ...ANY,
  ttls: [0.3, 0.5],
  rests: [0, 0.1, 0.3],
  works: [0, 0, 0.1],
  extensions: [0],
  retries: [0.03, 0.1, 0.3],
  turns: 3,
};

/** Short locks in turn, and rare polls: if nobody were called, everybody would wait for long. */
const CROWD: Pace = {
  ...ANY,
  ttls: [1],
  rests: [0, 0, 0.1],
  works: [0, 0.02, 0.1],
  extensions: [0, 0, 0, 1],
  retries: [0.5, 2, 5],
};

/** So many times the ttl that is held already. */
const FAR_LONGER = 10;

type Resources = readonly [string, ...string[]];

/** What one branch of a process does, one operation after another. */
export class Job {
  done = false;
  readonly #client: Client;
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #mailbox: Mailbox;
  readonly #pace: Pace;

  constructor(client: Client, scene: Scene, random: Random, mailbox: Mailbox) {
    this.#client = client;
    this.#scene = scene;
    this.#random = random;
    this.#mailbox = mailbox;
    const { wild, siege, stalls, faults, crowd } = scene.plan;
    this.#pace = random.pick(
      siege
        ? [client.isBesieged ? (stalls ? UNENDING : ENDURING) : BRIEF]
        : wild
          ? [LONG, BRIEF]
          : crowd
            ? [CROWD]
            : faults.amnesia > 0
              ? [ANY, LONG, BRIEF]
              : [ANY],
    );
  }

  async run(): Promise<void> {
    const { plan } = this.#scene;
    for (let left = plan.operations * this.#pace.turns; left > 0 && !this.#client.isGone; left--) {
      await this.#sleep(plan.ttl * this.#random.pick(this.#pace.rests));
      try {
        await this.#operate();
      } catch (error) {
        this.#refused(error);
      }
    }
    this.done = true;
  }

  #operate(): Promise<void> {
    const operation = this.#random.weighted({
      acquire: 5,
      tryAcquire: 2,
      using: 2,
      adopt: this.#mailbox.isEmpty ? 0 : 4,
    });
    const operations = {
      acquire: () => this.#acquire(),
      tryAcquire: () => this.#tryAcquire(),
      using: () => this.#using(),
      adopt: () => this.#adopt(),
    };
    return operations[operation]();
  }

  async #acquire(): Promise<void> {
    const resources = this.#resources();
    const { redlock } = this.#client;
    const [ttl, options] = [this.#ttl(), this.#options(resources)];
    const lock = await this.#wait(`acquire ${resources.join('+')}`, options, () =>
      redlock.acquire(resources, ttl, options),
    );
    this.#handle(lock).asked(ttl, options);
    await this.#work(lock);
    await this.#end(lock);
  }

  async #tryAcquire(): Promise<void> {
    const resources = this.#resources();
    const { redlock } = this.#client;
    const [ttl, options] = [this.#ttl(), this.#options(resources)];
    const lock = await this.#call(`tryAcquire ${resources.join('+')}`, () =>
      redlock.tryAcquire(resources, ttl, options),
    );
    if (!lock) {
      this.#scene.tally.refusals++;
      return;
    }
    this.#handle(lock).asked(ttl, options);
    await this.#work(lock);
    await this.#end(lock);
  }

  async #using(): Promise<void> {
    const resources = this.#resources();
    const { redlock } = this.#client;
    const reentrant = this.#random.chance(0.5);
    const ttl = this.#ttl();
    const options = { ...this.#options(resources), reentrant };
    let holding: Holding | null = null;
    let believed = false;
    const wait = this.#scene.waits(this.#client.process, options);
    await this.#call(`using ${resources.join('+')}`, () =>
      redlock.using(resources, ttl, options, async (_signal, lock) => {
        this.#scene.waitEnds(wait);
        holding = this.#handle(lock);
        holding.asked(ttl, { ...options, autoExtend: true });
        await this.#work(lock);
        if (reentrant) await this.#reenter(holding);
        if (this.#random.chance(0.3)) await this.#work(lock);
        believed = this.#stillHeld(holding);
        this.#scene.releasing(holding);
      }),
    ).finally(() => this.#scene.waitEnds(wait));
    if (!believed) this.#scene.fail('loss', `using went well although its lock was lost`);
  }

  /** Once more, with the other resource maybe. */
  async #reenter(outer: Holding): Promise<void> {
    const { redlock } = this.#client;
    const resources: Resources = this.#random.chance(0.5)
      ? [outer.lock.resources[0] ?? '']
      : this.#scene.plan.resources;
    // For ever, two who want what the other holds would wait for each other.
    const wait = this.#random.pick([0, this.#scene.plan.ttl]);
    const ttl = this.#longerTtl();
    const { fencing, ...rest } = this.#options(resources);
    const fenced = fencing && outer.lock.fencingToken > 0;
    const options = { ...rest, fencing: fenced, wait, reentrant: true };
    outer.asked(ttl);
    outer.owner.reentered = true;
    try {
      const lock = await this.#wait(`acquire ${resources.join('+')} again`, options, () =>
        redlock.acquire(resources, ttl, options),
      );
      const inner = this.#handle(lock, outer);
      await this.#work(lock);
      await this.#release(inner, {});
    } catch (error) {
      this.#refused(error);
    }
  }

  async #adopt(): Promise<void> {
    const letter = this.#mailbox.take(this.#random);
    if (!letter) return;
    const { holding, resources, fencing } = letter;
    holding.adoptions++;
    const lock = await this.#call(`adopt ${letter.token}`, () =>
      this.#client.redlock.adopt(resources, letter.token, this.#ttl(), { fencing }),
    ).catch((error: unknown) => {
      holding.adoptions--;
      this.#scene.tally.failedAdoptions++;
      throw error;
    });
    this.#scene.tally.adoptions++;
    await this.#work(lock);
    await this.#end(lock);
  }

  async #work(lock: Lock): Promise<void> {
    const holding = this.#handle(lock);
    const { plan, world } = this.#scene;
    if (holding.first && this.#random.chance(plan.lends)) this.#mailbox.put(holding);
    await this.#sleep(plan.ttl * this.#random.pick(this.#pace.works));
    const extensions = this.#random.pick(this.#pace.extensions);
    for (let left = extensions; left > 0 && lock.remaining() > 0; left--) {
      try {
        const asked = world.now;
        const ttl = this.#random.chance(0.5) ? this.#longerTtl() : undefined;
        if (ttl !== undefined) holding.asked(ttl);
        await this.#extend(holding, ttl);
        this.#scene.extended(holding, asked);
      } catch (error) {
        this.#refused(error);
      }
      await this.#sleep(plan.ttl * this.#random.pick(this.#pace.pauses));
    }
  }

  async #extend({ lock, owner }: Holding, ttl: number | undefined): Promise<void> {
    owner.extending++;
    try {
      await this.#call(`extend ${lock.token}`, () => lock.extend(ttl));
    } finally {
      owner.extending--;
      owner.extendingEndedAt = this.#scene.world.now;
    }
  }

  async #end(lock: Lock): Promise<void> {
    const holding = this.#handle(lock);
    const how = this.#random.weighted({ release: 8, keep: 1, detach: 1, abandon: 1, twice: 1 });
    switch (how) {
      case 'keep':
        await this.#release(holding, { keepFor: this.#ttl() });
        break;
      case 'detach':
        if (lock.remaining() === 0) break;
        holding.detached = true;
        lock.detach();
        this.#mailbox.put(holding);
        this.#scene.story?.tell(this.#client.process.name, `detached ${tellLock(lock)}`);
        break;
      case 'abandon':
        // Until its ttl is over, if that is not to be waited for long.
        await this.#sleep(Math.min(lock.remaining(), 3 * this.#scene.plan.ttl));
        await this.#release(holding, {});
        break;
      case 'twice':
        await Promise.all([this.#release(holding, {}), lock.release()]);
        break;
      case 'release':
        await this.#release(holding, {});
    }
  }

  async #release(holding: Holding, options: { keepFor?: number }): Promise<void> {
    if (!this.#client.closed) this.#scene.look(this.#client.process);
    holding.keptFor = options.keepFor ?? 0;
    this.#scene.releasing(holding);
    const confirmed = await this.#call(`release ${holding.token}`, () =>
      holding.lock.release(options),
    );
    this.#scene.released(holding, confirmed);
  }

  #stillHeld({ lock }: Holding): boolean {
    return lock.remaining() > 0;
  }

  #handle(lock: Lock, outer?: Holding): Holding {
    return this.#scene.handle(this.#client.process, lock, outer);
  }

  #sleep(ms: number): Promise<void> {
    return ms > 0 ? this.#client.process.sleep(ms) : Promise.resolve();
  }

  /** A call that waits until it is granted something. */
  async #wait<T>(what: string, options: AcquireOptions, call: () => Promise<T>): Promise<T> {
    const wait = this.#scene.waits(this.#client.process, options);
    try {
      return await this.#call(what, call);
    } finally {
      this.#scene.waitEnds(wait);
    }
  }

  #call<T>(what: string, call: () => Promise<T>): Promise<T> {
    this.#scene.story?.tell(this.#client.process.name, what);
    this.#scene.began(this.#client.process);
    return this.#client.calling(what, call());
  }

  /** Whoever asks must expect to be refused, but not anyhow. */
  #refused(error: unknown): void {
    const { tally, story } = this.#scene;
    story?.tell(this.#client.process.name, `is told: ${String(error)}`);
    if (error === ABORTED) tally.aborts++;
    else if (QuorumError.is(error)) tally.breakdowns++;
    else if (LockLostError.is(error) || RedlockError.is(error)) tally.refusals++;
    else this.#scene.fail('errors', String(error instanceof Error ? error.stack : error));
  }

  #resources(): Resources {
    const { resources } = this.#scene.plan;
    return this.#random.chance(0.25) ? resources : [this.#random.pick(resources)];
  }

  #ttl(): number {
    const { longTtls, driftFactor } = this.#scene.plan;
    if (longTtls && this.#random.chance(0.3)) return LONG_TTL;
    const least = Math.ceil(3 / (1 - driftFactor));
    return Math.max(least, Math.round(this.#client.ttl * this.#random.pick(this.#pace.ttls)));
  }

  /** Of an extension, or of a re-entry: often by far more than what is held. */
  #longerTtl(): number {
    const { longestTtl } = this.#scene.plan;
    const longer = this.#random.chance(0.3) ? FAR_LONGER : 1;
    return Math.min(longer * this.#ttl(), longestTtl);
  }

  #options(resources: Resources): AcquireOptions {
    const { plan } = this.#scene;
    const random = this.#random;
    return {
      wait:
        plan.ttl *
        random.pick(plan.crowd ? [3, 20, Infinity, Infinity] : [0, 0.5, 3, 10, Infinity]),
      retryDelay: plan.ttl * random.pick(this.#pace.retries),
      retryJitter: plan.ttl * random.pick([0, 0.2]),
      autoExtend: this.#client.isBesieged || random.chance(plan.wild ? 0.2 : 0.4),
      maxHold: plan.ttl * random.pick(this.#client.isBesieged ? [Infinity] : [1, 5, Infinity]),
      fencing: resources.every((resource) => plan.fenced.has(resource)),
      signal: random.chance(plan.crowd ? 0.05 : 0.15) ? this.#signal() : undefined,
    };
  }

  #signal(): AbortSignal {
    const controller = new AbortController();
    const ms = this.#scene.plan.ttl * this.#random.pick([0.05, 0.3, 1]);
    this.#client.process.setTimeout(() => controller.abort(ABORTED), ms);
    return controller.signal;
  }
}
