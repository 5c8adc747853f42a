import type { Holding } from '../run/holding.js';
import type { Oracle } from './oracle.js';
import type { Scene } from '../run/scene.js';
import type { Change } from '../server/witness.js';

/**
 * Who believes to hold a lock has its keys on a quorum of nodes; those that have forgotten since it
 * asked count too, for quarantine keeps them from granting.
 */
export class Footing implements Oracle {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  looked(holding: Holding): void {
    if (!holding.first || holding.adopted || !holding.believed) return;
    const { servers, quorum } = this.#scene;
    const { process, lock, token } = holding;
    const asked = process.tokens.get(token) ?? 0;
    const standing = servers.filter(
      ({ keyspace, forgotAt }) =>
        forgotAt > asked ||
        lock.resources.every((resource) => this.#isKept(keyspace.get(resource), token)),
    );
    if (standing.length >= quorum) return;
    const names = standing.map(({ name }) => name).join(' ') || 'none';
    this.#scene.fail('footing', `${token} is believed in, but it is on too few nodes: ${names}`);
  }

  /** Nobody else is granted what a failed adoption has taken, and it gives it back. */
  #isKept(value: string | null, token: string): boolean {
    return (
      value !== null && (value === token || this.#scene.replacements.originOf(value) === token)
    );
  }

  changed({ before }: Change): void {
    if (before === null) return;
    for (const holding of this.#scene.holdings.live) {
      if (holding.token === before) this.looked(holding);
    }
  }
}
