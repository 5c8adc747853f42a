import type { Holding } from '../run/holding.js';
import type { Change, Oracle, SharingChange } from '../run/events.js';
import type { Scene } from '../run/scene.js';
import type { Server } from '../server/server.js';

/** A release that returned true was that of a lock which was held until then. */
export class ReleaseProof implements Oracle {
  /** By token: the nodes on which a command deleted a key of it. */
  readonly #deleted = new Map<string, Set<string>>();

  constructor(private readonly scene: Scene) {}

  changed({ server, before, after }: Change): void {
    if (before !== null && after !== before) this.#note(before, server);
  }

  shared({ server, before, after }: SharingChange): void {
    for (const token of before.keys()) if (!after.has(token)) this.#note(token, server);
  }

  #note(token: string, { name }: Server): void {
    const nodes = this.#deleted.get(token) ?? new Set();
    this.#deleted.set(token, nodes.add(name));
  }

  released(holding: Holding, confirmed: boolean): void {
    const { released, token, since } = holding;
    if (!confirmed || !released) return;
    const { holdings, quorum } = this.scene;
    if (!released.believed) {
      this.scene.fail('release', `${token} was released with true, but its validity had ended`);
    }
    for (const other of holdings.all) {
      if (other.owner === holding.owner || !other.excludes(holding) || holding.adopted) continue;
      if (other.adopted || other.since <= since || other.since >= released.at) continue;
      this.scene.fail('release', `${token} was released with true, but ${other.token} held since`);
    }
    const nodes = this.#deleted.get(token)?.size ?? 0;
    if (holding.first && holding.keptFor === 0 && nodes < quorum && holding.owner === holding) {
      this.scene.fail('release', `${token} was released with true, but was on ${nodes} nodes`);
    }
  }
}
