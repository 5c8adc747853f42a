import { operationsIn } from '../server/commands.js';
import type { Change, Oracle } from '../run/events.js';
import type { Scene } from '../run/scene.js';

/**
 * A grant or an adoption that finds its token on a node already raises no counter there: it would outrun the
 * token of the lock, and the node would not count any more when that is extended.
 */
export class Repetition implements Oracle {
  /** The command that changed a key last, by node. */
  readonly #latest = new Map<string, readonly string[]>();

  constructor(private readonly scene: Scene) {}

  changed({ server, command }: Change): void {
    this.#latest.set(server.name, command);
  }

  counted({ server, key, before, command }: Change): void {
    const [operation, ...others] = operationsIn(command);
    const takes = operation?.verb === 'a';
    // Of a counter that was missing there is nothing to keep.
    if (!takes || before === null || others.length > 0) return;
    if (this.#latest.get(server.name) === command) return;
    this.scene.fail(
      'repetition',
      `${key} was raised on ${server.name} by a command that was there before`,
    );
  }
}
