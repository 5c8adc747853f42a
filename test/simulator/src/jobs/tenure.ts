import type { Lock } from '../core.js';
import type { Holding } from '../run/holding.js';
import { tellLock } from '../story/lock-text.js';
import type { Caller } from './caller.js';

/** What a caller does with a lock that it was granted, from the grant to its end. */
export class Tenure {
  readonly #caller: Caller;
  readonly #lock: Lock;
  readonly #holding: Holding;

  constructor(caller: Caller, holding: Holding) {
    this.#caller = caller;
    this.#holding = holding;
    this.#lock = holding.lock;
  }

  async work(): Promise<void> {
    const { scene, random, mailbox, pace, wishes } = this.#caller;
    const { plan, world } = scene;
    const holding = this.#holding;
    if (holding.first && random.chance(plan.lends)) mailbox.put(holding);
    await this.#caller.sleep(plan.ttl * random.pick(pace.works));
    const extensions = random.pick(pace.extensions);
    for (let left = extensions; left > 0 && this.#lock.remaining() > 0; left--) {
      try {
        const asked = world.now;
        const ttl = random.chance(0.5) ? wishes.longerTtl() : undefined;
        if (ttl !== undefined) holding.asked(ttl);
        await this.#extend(ttl);
        scene.extended(holding, asked);
      } catch (error) {
        this.#caller.refused(error);
      }
      await this.#caller.sleep(plan.ttl * random.pick(pace.pauses));
    }
  }

  async end(): Promise<void> {
    const { scene, random } = this.#caller;
    const how = random.weighted({ release: 8, keep: 1, detach: 1, abandon: 1, twice: 1 });
    switch (how) {
      case 'keep':
        await this.release(this.#caller.wishes.ttl());
        break;
      case 'detach':
        this.#detach();
        break;
      case 'abandon':
        // Until its ttl is over, if that is not to be waited for long.
        await this.#caller.sleep(Math.min(this.#lock.remaining(), 3 * scene.plan.ttl));
        await this.release();
        break;
      case 'twice':
        await Promise.all([this.release(), this.#lock.release()]);
        break;
      case 'release':
        await this.release();
    }
  }

  /** @param keepFor for how many ms the keys are to stay; 0: they are deleted */
  async release(keepFor = 0): Promise<void> {
    const { client, scene } = this.#caller;
    const holding = this.#holding;
    if (!client.closed) scene.look(client.process);
    holding.keptFor = keepFor;
    scene.releasing(holding);
    const confirmed = await this.#caller.call('release', holding.lock, () =>
      this.#lock.release(keepFor > 0 ? { keepFor } : {}),
    );
    scene.released(holding, confirmed);
  }

  async #extend(ttl: number | undefined): Promise<void> {
    const { owner } = this.#holding;
    owner.extending++;
    try {
      await this.#caller.call('extend', this.#lock, () => this.#lock.extend(ttl));
    } finally {
      owner.extending--;
      owner.extendingEndedAt = this.#caller.scene.world.now;
    }
  }

  #detach(): void {
    const { scene } = this.#caller;
    if (this.#lock.remaining() === 0) return;
    this.#lock.detach();
    scene.detached(this.#holding);
    this.#caller.mailbox.put(this.#holding);
    this.#caller.tell(`detached ${tellLock(this.#lock)}`);
  }
}
