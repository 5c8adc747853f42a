import { setOf, SHARED } from '../core.js';
import type { Scene } from '../run/scene.js';
import { livingIn } from '../server/sharers.js';
import type { Change, Oracle, SharingChange } from '../run/events.js';

/** Expiries are in whole ms, and a ttl may not be. */
const ROUNDING = 1;

/**
 * On each node, a key is exclusive or shared. No shared holder is left beside another value of the key, nor where a command
 * has freed the key. The key and the set of its holders end together, with the last holder; and whoever joins finds nobody
 * there whose time is over.
 */
export class SharedKeys implements Oracle {
  constructor(private readonly scene: Scene) {}

  changed({ server, key, after }: Change): void {
    if (after === SHARED) return;
    const [left] = livingIn(server.keyspace, setOf(key)).keys();
    if (left === undefined) return;
    const value = after ?? 'no token';
    this.#fail(`${key} of ${server.name} belongs to ${value}, and ${left} shares it`);
  }

  shared({ server, key, before, after }: SharingChange): void {
    const { keyspace } = server;
    if (after.size === 0) return;
    const set = setOf(key);
    const remaining = keyspace.remaining(key);
    const last = Math.max(...after.values()) - keyspace.now;
    if (keyspace.remaining(set) !== remaining || Math.abs(remaining - last) > ROUNDING) {
      this.#fail(
        `${key} of ${server.name} ends in ${remaining} ms, its set in ${keyspace.remaining(set)} ms, and the last holder in ${last} ms`,
      );
    }
    const hasJoined = [...after.keys()].some((member) => !before.has(member));
    const members = keyspace.sortedSet(set)?.members ?? [];
    const past = members.find((member) => !after.has(member));
    if (hasJoined && past !== undefined)
      this.#fail(`the time of ${past} is over, and it is still in ${set} of ${server.name}`);
  }

  #fail(what: string): void {
    this.scene.fail('shared keys', what);
  }
}
