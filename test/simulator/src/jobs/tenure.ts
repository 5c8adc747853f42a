import type { AcquireOptions, Lock } from '../core.js';
import type { Holding } from '../run/holding.js';
import type { Caller, Resources } from './caller.js';

/** What a caller does with a lock that it was granted, from the grant to its end. */
export class Tenure {
  readonly #lock: Lock;

  constructor(
    private readonly caller: Caller,
    readonly holding: Holding,
  ) {
    this.#lock = holding.lock;
  }

  /** @param ttl with which it was asked for, if it was */
  static of(caller: Caller, lock: Lock, ttl?: number, options?: AcquireOptions): Tenure {
    const holding = caller.scene.handle(caller.client.process, lock);
    if (ttl !== undefined) holding.asked(ttl, options);
    return new Tenure(caller, holding);
  }

  async serve(): Promise<void> {
    await this.work();
    const { caller } = this;
    const how = caller.random.weighted({ release: 8, keep: 1, detach: 1, abandon: 1, twice: 1 });
    switch (how) {
      case 'keep':
        return this.release(caller.ttl());
      case 'detach':
        return this.#detach();
      case 'abandon':
        // Until its ttl is over, if that is not to be waited for long.
        await caller.sleep(Math.min(this.#lock.remaining(), 3 * caller.scene.plan.ttl));
        return this.release();
      case 'twice':
        await Promise.all([this.release(), this.#lock.release()]);
        return;
      case 'release':
        return this.release();
    }
  }

  async work(): Promise<void> {
    const { scene, random, pace } = this.caller;
    const { plan, world } = scene;
    const { holding } = this;
    if (holding.first && random.chance(plan.lends)) scene.adoptable.push(holding);
    await this.caller.sleep(plan.ttl * random.pick(pace.works));
    const extensions = random.pick(pace.extensions);
    for (let left = extensions; left > 0 && this.#lock.remaining() > 0; left--) {
      try {
        const asked = world.now;
        const ttl = random.chance(0.5) ? this.caller.longerTtl() : undefined;
        if (ttl !== undefined) holding.asked(ttl);
        await this.#extend(ttl);
        scene.emit('extended', holding, asked);
      } catch (error) {
        this.caller.refused(error);
      }
      await this.caller.sleep(plan.ttl * random.pick(pace.pauses));
    }
  }

  /** @param keepFor for how many ms the keys are to stay; 0: they are deleted */
  async release(keepFor = 0): Promise<void> {
    const { client, scene } = this.caller;
    const { holding } = this;
    if (!client.closed) scene.look(client.process);
    holding.keptFor = keepFor;
    scene.releasing(holding);
    const confirmed = await this.caller.call('release', holding.lock, () =>
      this.#lock.release(keepFor > 0 ? { keepFor } : {}),
    );
    const believed = scene.wrong.confirmed ?? confirmed;
    scene.tell(client.process.name, `released ${holding.description}: ${believed}`);
    if (believed) scene.tally.releases++;
    scene.emit('released', holding, believed);
  }

  async #extend(ttl: number | undefined): Promise<void> {
    const { owner } = this.holding;
    owner.extending++;
    try {
      await this.caller.call('extend', this.#lock, () => this.#lock.extend(ttl));
    } finally {
      owner.extending--;
      owner.extendingEndedAt = this.caller.scene.world.now;
    }
  }

  #detach(): void {
    if (this.#lock.remaining() === 0) return;
    const { scene } = this.caller;
    this.#lock.detach();
    this.holding.detached = true;
    scene.adoptable.push(this.holding);
    this.caller.tell(`detached ${this.holding.description}`);
  }
}

/**
 * A routine acquires what it holds once more, with the other resource maybe. That is refused where it has a shared lock
 * and wants an exclusive one.
 */
export async function reenter(caller: Caller, outer: Holding): Promise<void> {
  const { redlock, random, scene, client } = caller;
  const resources: Resources = random.chance(0.5)
    ? [outer.lock.resources[0] ?? '']
    : scene.plan.resources;
  // For ever, two who want what the other holds would wait for each other.
  const wait = random.pick([0, scene.plan.ttl]);
  const ttl = caller.longerTtl();
  const { fencing, ...rest } = caller.options(resources);
  const fenced = fencing && outer.lock.fencingToken > 0;
  const options = { ...rest, fencing: fenced, wait, reentrant: true };
  outer.asked(ttl);
  outer.owner.reentered = true;
  const isUpgrade =
    outer.mode === 'shared' && options.mode !== 'shared' && outer.lock.remaining() > 0;
  try {
    const lock = await caller.wait('acquire again', { resources }, options, () =>
      redlock.acquire(resources, ttl, options),
    );
    if (isUpgrade) scene.fail('upgrades', `${outer.token} is shared, and was made exclusive`);
    const tenure = new Tenure(caller, scene.handle(client.process, lock, outer));
    await tenure.work();
    await tenure.release();
  } catch (error) {
    if (isUpgrade && error instanceof RangeError) scene.tally.upgradesRefused++;
    else caller.refused(error);
  }
}
