import { SHARED } from '../core.js';
import type { Change, Oracle, SharingChange } from '../run/events.js';
import type { Scene } from '../run/scene.js';
import { operationsIn } from '../server/commands.js';
import type { Server } from '../server/server.js';
import { sharersOn } from '../server/sharers.js';

/** Expiries are in whole ms, and a ttl may not be. */
const ROUNDING = 1;

/**
 * An adoption that fails leaves a lock as it was: where a node has the old token again, the key ends no later than it would
 * have without the adoption.
 */
export function restoration(scene: Scene): Oracle {
  /** When a key was to end as its token was replaced, by node, key and that token; on the clock of the node. */
  const ends = new Map<string, number>();

  function replaced(
    { server, key, command }: { server: Server; key: string; command: readonly string[] },
    before: string,
    after: string,
    end: number,
  ): void {
    const operations = operationsIn(command);
    const isAdopted = operations.some(
      ({ verb, token, other }) => verb === 'a' && token === after && other === before,
    );
    if (isAdopted) {
      ends.set(`${server.name} ${key} ${before}`, end);
      return;
    }
    // A command that is sent again may release a lock and grant the next one.
    const isRestored = operations.some(
      ({ verb, token, other }) => verb === 'r' && token === before && other === after,
    );
    if (!isRestored) return;
    const latest = ends.get(`${server.name} ${key} ${after}`);
    if (latest === undefined) return;
    scene.tally.restorations++;
    if (end <= latest + ROUNDING) return;
    scene.fail(
      'restoration',
      `${after} has ${key} of ${server.name} again until ${end}, and had it until ${latest}`,
    );
  }

  return {
    changed({ server, key, before, after, command }: Change): void {
      if (before === null || after === null || before === after) return;
      if (before === SHARED || after === SHARED) return;
      replaced({ server, key, command }, before, after, server.keyspace.expiresAt(key));
    },

    shared({ server, key, before, after, command }: SharingChange): void {
      for (const { token, other } of operationsIn(command)) {
        if (other === null) continue;
        const sharers = sharersOn(server.keyspace, key);
        for (const [from, to] of [
          [other, token],
          [token, other],
        ] as const) {
          // A holder that repairs its lock on the node has its token there beside the other one.
          if (!before.has(from) || before.has(to) || after.has(from) || !after.has(to)) continue;
          replaced({ server, key, command }, from, to, sharers.get(to) ?? 0);
        }
      }
    },
  };
}
