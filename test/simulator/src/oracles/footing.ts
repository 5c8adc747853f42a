import type { Holding } from '../run/holding.js';
import type { Change, Oracle, SharingChange } from '../run/events.js';
import type { Scene } from '../run/scene.js';
import type { Keyspace } from '../core.js';
import { holdersOn, isHeldBy, isOrphaned } from '../server/sharers.js';

/**
 * Who believes to hold a lock has its keys on a quorum of nodes; those that have forgotten since it
 * asked count too, for quarantine keeps them from granting.
 */
export class Footing implements Oracle {
  constructor(private readonly scene: Scene) {}

  looked(holding: Holding): void {
    if (!holding.first || holding.adopted || !holding.believed) return;
    const { servers, quorum } = this.scene;
    const { process, lock, token } = holding;
    const asked = process.tokens.get(token) ?? 0;
    const standing = servers.filter(
      ({ keyspace, forgotAt }) =>
        forgotAt > asked ||
        lock.resources.every((resource) => this.#isKept(keyspace, resource, token)),
    );
    if (standing.length >= quorum) return;
    const names = standing.map(({ name }) => name).join(' ') || 'none';
    this.scene.fail('footing', `${token} is believed in, but it is on too few nodes: ${names}`);
  }

  /** What an adoption has taken goes to no third party, nor does a shared key whose set is gone. */
  #isKept(keyspace: Keyspace, resource: string, token: string): boolean {
    if (isHeldBy(keyspace, resource, token) || isOrphaned(keyspace, resource)) return true;
    const { replacements } = this.scene;
    return holdersOn(keyspace, resource).some((holder) => replacements.originOf(holder) === token);
  }

  changed({ before }: Change): void {
    if (before !== null) this.#check(before);
  }

  shared({ before, after }: SharingChange): void {
    for (const token of before.keys()) if (!after.has(token)) this.#check(token);
  }

  #check(token: string): void {
    for (const holding of this.scene.holdings.live) {
      if (holding.token === token) this.looked(holding);
    }
  }
}
