import type { Random } from 'test-kit/random';
import type { AcquireOptions, LockMode } from '../core.js';
import { LONG_TTL } from '../plan/times.js';
import type { Client } from '../run/client.js';
import type { Scene } from '../run/scene.js';
import type { Pace } from './pace.js';

/** The reason of a caller that does not want its lock any more. */
export const ABORTED = new Error('the caller has gone');

/** So many times the ttl that is held already. */
const FAR_LONGER = 10;

export type Resources = readonly [string, ...string[]];

/** What the callers of one job ask for: resources, times and options, by chance. */
export class Wishes {
  readonly #client: Client;
  readonly #scene: Scene;
  readonly #random: Random;
  readonly #pace: Pace;

  constructor(client: Client, scene: Scene, random: Random, pace: Pace) {
    this.#client = client;
    this.#scene = scene;
    this.#random = random;
    this.#pace = pace;
  }

  resources(): Resources {
    const { resources } = this.#scene.plan;
    if (resources.length < 3) {
      return this.#random.chance(0.25) ? resources : [this.#random.pick(resources)];
    }
    const [first, ...others] = resources.filter(() => this.#random.chance(0.5));
    return first === undefined ? [this.#random.pick(resources)] : [first, ...others];
  }

  ttl(): number {
    const { longTtls, driftFactor } = this.#scene.plan;
    if (longTtls && this.#random.chance(0.3)) return LONG_TTL;
    const least = Math.ceil(3 / (1 - driftFactor));
    return Math.max(least, Math.round(this.#client.ttl * this.#random.pick(this.#pace.ttls)));
  }

  /** Of an extension, or of a re-entry: often by far more than what is held. */
  longerTtl(): number {
    const { longestTtl } = this.#scene.plan;
    const longer = this.#random.chance(0.3) ? FAR_LONGER : 1;
    return Math.min(longer * this.ttl(), longestTtl);
  }

  options(resources: Resources): AcquireOptions {
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
      signal: random.chance(plan.crowd ? 0.05 : 0.15) ? this.signal([0.05, 0.3, 1]) : undefined,
      mode: this.mode(),
    };
  }

  mode(): LockMode {
    const { sharing } = this.#client;
    return sharing > 0 && this.#random.chance(sharing) ? 'shared' : 'exclusive';
  }

  /** @param factors of the ttl: after one of these times it aborts */
  signal(factors: readonly [number, ...number[]]): AbortSignal {
    const controller = new AbortController();
    const ms = this.#scene.plan.ttl * this.#random.pick(factors);
    this.#client.process.setTimeout(() => controller.abort(ABORTED), ms);
    return controller.signal;
  }
}
