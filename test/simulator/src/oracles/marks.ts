import { encodedIn, isOfCalled } from '../commands/operations.js';
import { calledBy, memberOf } from '../commands/queue-member.js';
import type { Scene } from '../run/scene.js';
import type { ClientProcess } from '../world/process.js';
import type { Call, Oracle } from './oracle.js';

/** For rounding, in ms. */
const SLACK = 1;

/**
 * A process marks a try for a permit, so that it takes one that is reserved for another process, only if a node has called
 * it, and only for about as long as the permit of that call is reserved: a caller that does without passes calls on to the
 * next one in its line, which has as much time again.
 */
export class Marks implements Oracle {
  readonly #scene: Scene;
  /** When each process last heard that it was called, on its monotonic clock. */
  readonly #heardAt = new Map<ClientProcess, number>();
  readonly #tokens = new Set<string>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  heard(process: ClientProcess): void {
    this.#heardAt.set(process, process.mono.read());
  }

  called({ process, command, at }: Call): void {
    const { disturbances, world, plan } = this.#scene;
    for (const operation of encodedIn(command)) {
      const { token, entries } = operation;
      if (!isOfCalled(operation) || this.#tokens.has(token)) continue;
      this.#tokens.add(token);
      const since = at - (this.#heardAt.get(process) ?? -Infinity);
      const most = calledBy(memberOf(entries[0] ?? '')).ms * (1 + plan.resources.length) + SLACK;
      // If no node can be reached, a try may leave later than it was made.
      if (since <= most || disturbances.isDisturbedSince(world.now)) continue;
      this.#scene.fail('marks', `${token} is marked, but was called ${since} ms ago, not ${most}`);
    }
  }
}
