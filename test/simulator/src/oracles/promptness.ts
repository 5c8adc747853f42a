import type { Contention } from './oracle.js';
import type { Client } from '../run/client.js';
import type { Deployment } from '../run/deployment.js';
import type { Scene } from '../run/scene.js';
import type { Wait } from '../run/wait.js';
import type { ClientProcess } from '../world/process.js';

/** The first pause after split votes is up to so many round trips, each further one twice as long, up to the fifth. */
const ROUND_TRIPS = 8;
const MOST_PAUSES = 5;

/** The denials of a caller that waits, as far as its process tells. */
interface Denials {
  /** How many in a row may have been split votes. */
  readonly inARow: number;
  /** The longest pause that may have followed one of them, in ms. */
  readonly pause: number;
  /** When the latest one came, in true time. */
  readonly at: number;
}

const NONE: Denials = { inARow: 0, pause: 0, at: -Infinity };

/** Whether processes that are called ask for the lock at once, as far as they themselves and their ways are concerned. */
export class Promptness {
  readonly #scene: Scene;
  readonly #deployment: Pick<Deployment, 'routes'>;
  /** When each process last found out that it has lost a lock, in true time. */
  readonly #lostAt = new Map<ClientProcess, number>();
  readonly #denials = new WeakMap<Wait, Denials>();

  constructor(scene: Scene, deployment: Pick<Deployment, 'routes'>) {
    this.#scene = scene;
    this.#deployment = deployment;
  }

  lost(process: ClientProcess): void {
    this.#lostAt.set(process, this.#scene.world.now);
  }

  /**
   * A caller of a process was denied, nobody knows which. Those who want a permit, or several keys, may have split these, also
   * without a grant, which cannot be told from other denials.
   */
  contended({ process, resources, isSplit, roundTrip }: Contention): void {
    const { waiting, world, plan } = this.#scene;
    for (const wait of waiting) {
      if (wait.process.name !== process) continue;
      const { inARow, pause } = this.#denialsOf(wait);
      if (!isSplit && !plan.semaphore && resources.length === 1) {
        this.#denials.delete(wait);
        continue;
      }
      const latest = ROUND_TRIPS * roundTrip * 2 ** Math.min(inARow, MOST_PAUSES - 1);
      const denials = { inARow: inARow + 1, pause: Math.max(pause, latest), at: world.now };
      this.#denials.set(wait, denials);
    }
  }

  /** Whether a process may answer a call late, or not at all, because of what was so at a moment or since. */
  mayBeLate(client: Client, time: number): boolean {
    if (this.awareSince(client) > time) return true;
    return this.#deployment
      .routes(client)
      .some(({ up, calls }) => Math.max(up.disturbedUntil, calls.disturbedUntil) > time);
  }

  /** The longest pause that a caller may make because its latest votes were split, in ms. */
  pauseOf(wait: Wait): number {
    return this.#denialsOf(wait).pause;
  }

  /** When the votes of a caller were split last, in true time. */
  splitAt(wait: Wait): number {
    return this.#denialsOf(wait).at;
  }

  /**
   * Since when a process does not take itself for the holder of a lock that it has lost or that another one has adopted, in
   * true time; Infinity: it does. Until then no caller of it asks for the lock, and calls for a permit that it believes to
   * have go unanswered.
   */
  awareSince({ process }: Client): number {
    const adopted = this.#scene.holdings.all.filter(
      (holding) => holding.process === process && holding.adopted,
    );
    const ends = adopted.map(({ believed, released }) =>
      believed ? Infinity : (released?.at ?? 0),
    );
    return Math.max(this.#lostAt.get(process) ?? 0, ...ends);
  }

  #denialsOf(wait: Wait): Denials {
    return this.#denials.get(wait) ?? NONE;
  }
}
