import type { Deployment } from '../run/deployment.js';
import type { Holding } from '../run/holding.js';
import { encodedIn } from '../commands/operations.js';
import type { Call, Contention, Oracle } from './oracle.js';
import type { ClientProcess } from '../world/process.js';
import type { Scene } from '../run/scene.js';

/** A process may make so many tries in a row before it needs a reason for each; split votes take most of them. */
const BURST = 40;
/** The reasons that a lock of anybody gives to each process: it is granted, it ends, and votes may be split over it. */
const PER_GRANT = 6;
/** A call tries, once more when it is in a queue, and five times more after split votes. */
const PER_CALL = 8;
/** A connection that comes and goes is a reason on each node, and so are a fault's other effects. */
const PER_DISTURBANCE = 4;
/** Whoever stands by asks no more often, in ms. */
const STAND_BY = 250;
/**
 * A key that a dead process has left on some nodes splits the votes for as long as it stays there, and a call that comes
 * later than the reply to the withdrawal is a reason then. From the fifth split in a row on, a random pause of up to 128 round
 * trips comes before it is answered. In round trips, and less than half of that, because chance may be shorter.
 */
const BETWEEN_SPLITS = 32;

/** What a process may still ask for. */
interface Budget {
  tries: number;
  /** When it was last reckoned, on the monotonic clock. */
  at: number;
  disturbances: number;
}

/**
 * Commands a lock are bounded. Whoever waits asks when a lock of somebody begins or ends, as often as polls and stand-by
 * allow, and because of faults; but nobody asks again and again for as long as a lock is held, or nobody gets it.
 */
export class Asking implements Oracle {
  readonly #scene: Scene;
  readonly #deployment: Pick<Deployment, 'clients'>;
  readonly #budgets = new Map<ClientProcess, Budget>();
  readonly #tokens = new Set<string>();
  /** The round trips of processes whose latest votes were split, in ms. */
  readonly #splits = new Map<string, number>();

  constructor(scene: Scene, deployment: Pick<Deployment, 'clients'>) {
    this.#scene = scene;
    this.#deployment = deployment;
  }

  called({ process, command }: Call): void {
    for (const { letter, token } of encodedIn(command)) {
      if (!'gqbp'.includes(letter) || this.#tokens.has(token)) continue;
      this.#tokens.add(token);
      this.#tried(process, token);
    }
  }

  contended({ process, isSplit, roundTrip }: Contention): void {
    if (isSplit) this.#splits.set(process, roundTrip);
    else this.#splits.delete(process);
  }

  acquired(): void {
    for (const { process } of this.#deployment.clients) this.#add(process, PER_GRANT);
  }

  /** The holder's keys expire later than its denials said, so whoever waited for that asks once more. */
  renewed({ process }: Holding): void {
    for (const client of this.#deployment.clients) {
      if (client.process !== process) this.#add(client.process, 1);
    }
  }

  began(process: ClientProcess): void {
    this.#add(process, PER_CALL);
  }

  #tried(process: ClientProcess, token: string): void {
    const budget = this.#add(process, 0);
    budget.tries--;
    if (budget.tries >= 0) return;
    this.#scene.fail(
      'asking',
      `${process.name} asks with ${token}, and has no reason to ask that often`,
    );
  }

  #add(process: ClientProcess, tries: number): Budget {
    const now = process.mono.read();
    const { disturbances } = this.#scene;
    const budget = this.#budgets.get(process) ?? { tries: BURST, at: now, disturbances: 0 };
    this.#budgets.set(process, budget);
    const disturbed = disturbances.all.length - budget.disturbances;
    const earned = (now - budget.at) * this.#rateOf(process) + disturbed * PER_DISTURBANCE;
    budget.tries = Math.min(budget.tries + earned + tries, BURST);
    budget.at = now;
    budget.disturbances = disturbances.all.length;
    return budget;
  }

  /**
   * How often polls, stand-by and split votes let a process ask, in tries per ms. A failed try for two resources calls a
   * process that waits for the one which was free, so then it may ask twice for each poll of others too.
   */
  #rateOf(process: ClientProcess): number {
    const share = this.#scene.plan.resources.length > 1 ? 2 : 0;
    let rate = 1 / (BETWEEN_SPLITS * (this.#splits.get(process.name) ?? Infinity));
    for (const wait of this.#scene.waiting) {
      const times = wait.process === process ? 1 + share : share;
      rate += times * (1 / wait.retryDelay + 1 / STAND_BY);
    }
    return rate;
  }
}
