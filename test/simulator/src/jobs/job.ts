import type { Random } from 'test-kit/random';
import type { Client } from '../run/client.js';
import type { Scene } from '../run/scene.js';
import { ACQUIRING } from './acquiring.js';
import { ADOPTING } from './adopting.js';
import { CAMPAIGNING } from './campaigning.js';
import { Caller } from './caller.js';
import type { JobKind } from './job-kind.js';
import { LEADING } from './leading.js';
import type { Mailbox } from './mailbox.js';
import { OBSERVING } from './observing.js';
import { TRYING } from './trying.js';
import { USING } from './using.js';

/** Every kind of job. Chance goes by their order, so a new one belongs at the end. */
const KINDS: readonly JobKind[] = [
  ACQUIRING,
  TRYING,
  USING,
  ADOPTING,
  CAMPAIGNING,
  LEADING,
  OBSERVING,
];

/** What one branch of a process does, one operation after another. */
export class Job {
  done = false;
  #hasBegun = false;
  readonly #caller: Caller;

  constructor(client: Client, scene: Scene, random: Random, mailbox: Mailbox) {
    this.#caller = new Caller(client, scene, random, mailbox);
  }

  async run(): Promise<void> {
    const caller = this.#caller;
    const { client, scene, random, pace } = caller;
    for (let left = scene.plan.operations * pace.turns; left > 0 && !client.isGone; left--) {
      if (this.#isLate) break;
      await caller.sleep(scene.plan.ttl * random.pick(pace.rests));
      try {
        await this.#operate();
      } catch (error) {
        caller.refused(error);
      }
    }
    this.done = true;
  }

  /**
   * Perf: where locks are held for long and all others poll, or clocks are wrong, an operation that begins after the faults
   * shows little. Such operations take half of the time of such a run.
   */
  get #isLate(): boolean {
    const { plan, world } = this.#caller.scene;
    const isOfFaults = plan.siege || plan.wild || plan.spread.length > 1;
    return isOfFaults && this.#hasBegun && world.now >= plan.faultsUntil;
  }

  #operate(): Promise<void> {
    this.#hasBegun = true;
    const caller = this.#caller;
    const weights = KINDS.map(({ name, weight }) => [name, weight(caller)] as const);
    const name = caller.random.weighted(Object.fromEntries(weights));
    return KINDS.find((kind) => kind.name === name)?.run(caller) ?? Promise.resolve();
  }
}
