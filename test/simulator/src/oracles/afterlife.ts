import { isRelease, operationsIn } from '../server/commands.js';
import type { Scene } from '../run/scene.js';
import type { Call, Oracle } from '../run/events.js';

/**
 * A token that was released is not brought back: once its release is given to the client of a node, no acquire, extension or
 * repair of it is given to that client any more.
 */
export class Afterlife implements Oracle {
  /** By node: the tokens that have ended. */
  readonly #ended = new Set<string>();

  constructor(private readonly scene: Scene) {}

  called({ process, node, command }: Call): void {
    for (const operation of operationsIn(command)) {
      const { verb, token } = operation;
      const id = `${node} ${token}`;
      if (isRelease(operation)) this.#ended.add(id);
      else if (verb !== 'i' && this.#ended.has(id)) {
        const { name } = this.scene.servers[node] ?? {};
        this.scene.fail('afterlife', `${process.name} brings ${token} back to ${name}`);
      }
    }
  }
}
