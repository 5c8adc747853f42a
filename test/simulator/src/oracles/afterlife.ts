import { encodedIn } from '../commands/operations.js';
import type { Scene } from '../run/scene.js';
import type { Call, Oracle } from './oracle.js';

/** The letters of operations that end what a token holds, and of those that give it something or keep it alive. */
const ENDING = 'rklst';
const GIVING = 'gqaecbdxuhp';

/**
 * A token that was released is not brought back: once its release is given to the client of a node, no grant, extension or
 * healing of it is given to that client any more.
 */
export class Afterlife implements Oracle {
  readonly #scene: Scene;
  /** By node: the tokens that have ended. */
  readonly #ended = new Set<string>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  called({ process, node, command }: Call): void {
    for (const { letter, token } of encodedIn(command)) {
      const id = `${node} ${token}`;
      if (ENDING.includes(letter)) this.#ended.add(id);
      else if (GIVING.includes(letter) && this.#ended.has(id)) {
        const { name } = this.#scene.servers[node] ?? {};
        this.#scene.fail('afterlife', `${process.name} brings ${token} back to ${name}`);
      }
    }
  }
}
