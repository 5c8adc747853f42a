import { operationsIn } from '../../server/commands.js';
import type { Scene } from '../../run/scene.js';
import type { Wait } from '../../run/wait.js';
import type { Call, Oracle } from '../../run/events.js';

/** How many commands a node may be sent for one call that waits, with the release of what it is granted. */
const COMMANDS = 5;
/** Fewer calls say nothing about the mean. */
const ENOUGH = 8;
/** A poll may come so much sooner than usual. */
const EARLIEST_POLL = 0.9;

/**
 * While nothing is disturbed, a call that waits for one key costs each node at most five commands in the mean, and one more
 * for each poll: requests with a ticket, and releases that notify the next. A waiter for several keys requests more often,
 * because it tells the nodes for how long it keeps some of them.
 */
export class Cost implements Oracle {
  #commands = 0;
  #grants = 0;
  #ended = 0;
  /** Those of calls that have ended. */
  #polls = 0;
  /** Since when nothing is disturbed, in true time. */
  #since = 0;

  constructor(private readonly scene: Scene) {}

  acquired(): void {
    this.#look();
    this.#grants++;
  }

  called({ command }: Call): void {
    this.#look();
    const isOfWaiting = operationsIn(command).some(
      ({ ticketed, leaving, keys }) => (ticketed !== null || leaving !== null) && keys.length === 1,
    );
    if (isOfWaiting) this.#commands += 1 / this.scene.plan.nodes;
  }

  waited(wait: Wait): void {
    this.#look();
    if (!this.#isCounted(wait)) return;
    this.#ended++;
    this.#polls += this.#pollsOf(wait);
    if (this.#ended < ENOUGH) return;
    const waiting = [...this.scene.waiting].filter((each) => this.#isCounted(each));
    const polls = waiting.reduce((sum, each) => sum + this.#pollsOf(each), this.#polls);
    const budget = COMMANDS * (this.#ended + waiting.length) + this.#grants + polls;
    // A poll may have begun.
    if (this.#commands > budget + 1)
      this.scene.fail(
        'cost',
        `${this.#ended} calls have cost ${this.#commands.toFixed(1)} commands a node, and not ${budget.toFixed(1)}`,
      );
  }

  /** Begins anew after what is disturbed. */
  #look(): void {
    const { disturbances, world } = this.scene;
    if (!disturbances.isDisturbedSince(world.now)) return;
    this.#commands = 0;
    this.#grants = 0;
    this.#ended = 0;
    this.#polls = 0;
    this.#since = world.now;
  }

  /** Whether a call wants one key, or one permit. */
  #isCounted({ resources }: Wait): boolean {
    return resources.length === 1 || this.scene.plan.semaphore !== null;
  }

  #pollsOf({ since, usualPoll }: Wait): number {
    const { world } = this.scene;
    return (world.now - Math.max(since, this.#since)) / (EARLIEST_POLL * usualPoll);
  }
}
