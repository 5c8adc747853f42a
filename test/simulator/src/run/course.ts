import { settled } from '../campaign/settling.js';
import type { Deployment } from './deployment.js';
import type { Scene } from './scene.js';

/** A run that is longer goes round in circles. */
const MOST_EVENTS = 150_000;

/** Lets a run go on, event by event, until a promise is broken. */
export class Course {
  readonly #scene: Scene;
  readonly #deployment: Deployment;

  constructor(scene: Scene, deployment: Deployment) {
    this.#scene = scene;
    this.#deployment = deployment;
  }

  /** @param end in true time */
  async until(end: number, done: () => boolean = () => false): Promise<void> {
    const scene = this.#scene;
    const { world, reminders } = scene;
    await settled();
    while (!scene.violation && !done()) {
      const stop = Math.min(end, reminders.next);
      if (!world.step(stop)) {
        if (stop === end) return;
        reminders.remind(stop);
      }
      if (!scene.active) continue;
      await settled();
      scene.lookAtActive();
      if (world.events > MOST_EVENTS) scene.fail('progress', `more than ${MOST_EVENTS} events`);
    }
  }

  /** As {@link until}, and it must be done by then. */
  async finish(what: string, end: number, done: () => boolean): Promise<void> {
    await this.until(end, done);
    if (this.#scene.violation || done()) return;
    const pending = this.#deployment.clients
      .filter(({ process }) => !process.crashed)
      .flatMap((client) =>
        [...client.pending.values()].map((call) => `${client.process.name}: ${call}`),
      );
    this.#scene.fail('progress', `${what} did not come to an end: ${pending.join(', ')}`);
  }

  check(check: () => void): void {
    if (!this.#scene.violation) check();
  }
}
