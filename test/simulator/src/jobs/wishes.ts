import type { Random } from 'test-kit/random';
import type { AcquireOptions } from '../core.js';
import { LONG_TTL } from '../plan/plan.js';
import type { Client } from '../run/client.js';
import type { Scene } from '../run/scene.js';
import type { Resources } from './caller.js';
import type { Pace } from './pace.js';

/** The reason of a caller that does not want its lock any more. */
export const ABORTED = new Error('the caller has gone');

/** So many times the ttl that is held already. */
const FAR_LONGER = 10;

/** What the callers of one job ask for: resources, times and options, by chance. */
export class Wishes {
  constructor(
    private readonly client: Client,
    private readonly scene: Scene,
    private readonly random: Random,
    private readonly pace: Pace,
  ) {}

  resources(): Resources {
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
    const { client, random, pace } = this;
    const { kind, ttl, fenced } = this.scene.plan;
    const { isBesieged, sharing } = client;
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
}
