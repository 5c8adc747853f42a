import { SHARED } from '../core.js';
import { isRequest, operationsIn, processOf } from '../server/commands.js';
import type { Oracle } from './events.js';
import type { Scene } from './scene.js';

/** Which tokens have replaced which on nodes, by an adoption or by a release that leaves the key to another token. */
export class Replacements {
  /** Of a token that has replaced another: the other. */
  readonly #origins = new Map<string, string>();
  readonly #replaced = new Set<string>();
  /** What was put back, by node and token. */
  readonly #restored = new Set<string>();

  note(server: string, before: string, after: string): void {
    if (this.#origins.get(before) === after) this.#restored.add(`${server} ${after}`);
    else {
      this.#origins.set(after, before);
      this.#replaced.add(before);
    }
  }

  /** The token that this one has replaced on some node. */
  originOf(token: string): string | undefined {
    return this.#origins.get(token);
  }

  /** Whether an adoption has taken hold of a token on some node, whatever came of that. */
  isAdopted(token: string): boolean {
    return this.#replaced.has(token);
  }

  /** Whether a failed adoption has put a token back, maybe when its holder had gone. */
  isRestored(server: string, token: string): boolean {
    return this.#restored.has(`${server} ${token}`);
  }
}

/** Counts and notes what servers do. It receives events before all oracles. */
export function bookkeeping(scene: Scene): Oracle {
  const { tally, world, replacements, granted } = scene;
  return {
    executed(command) {
      const operations = operationsIn(command);
      for (const { verb, token, repairs, shared, ticketed, leaving } of operations) {
        if (ticketed?.entry) tally.queued++;
        if (verb === 'e' && !granted.has(token)) tally.writeBacks++;
        if (repairs) tally.repairs++;
        if (repairs && shared) tally.sharedRepairs++;
        if (verb === 'r' && leaving && !granted.has(token)) tally.leaves++;
      }
      const [first] = operations;
      // The small script for one acquire.
      if (operations.length === 1 && first && isRequest(first))
        if (first.sets.length === 0 && first.fence !== null) tally.smallGrants++;
      if (operations.some(({ verb }, i) => verb === 'r' && operations[i + 1]?.verb === 'a'))
        tally.handOvers++;
    },

    published({ channel, receivers, server, text }) {
      if (receivers === 0) {
        tally.notificationsUnheard++;
        return;
      }
      tally.notifications++;
      scene.tell(server.name, `notifies ${processOf(channel)} of ${text}`);
      const { ambush } = scene;
      scene.ambush = null;
      ambush?.(processOf(channel));
    },

    shared({ server, key, before, after, command }) {
      for (const [member, end] of after) {
        if (before.get(member) === end) continue;
        world.trace.text(member);
        world.trace.number(end);
        if (!before.has(member)) tally.sharedHolders++;
      }
      // The token that replaces another one is among the holders, and the other one is not any more.
      for (const { verb, token, other } of operationsIn(command)) {
        if (other === null) continue;
        const [from, to] = verb === 'a' ? [other, token] : [token, other];
        if (before.has(from) && !after.has(from) && after.has(to))
          replacements.note(server.name, from, to);
      }
      const [was, is] = [before, after].map((sharers) => [...sharers.keys()].join(' '));
      if (is && is !== was) scene.tell(server.name, `${key} = ${is}`);
    },

    changed({ server, key, before, after }) {
      world.trace.text(after ?? '');
      if (after !== SHARED)
        scene.tell(server.name, after === null ? `${key} is free` : `${key} = ${after}`);
      if (before !== null && after !== null && ![before, after].includes(SHARED))
        replacements.note(server.name, before, after);
    },
  };
}
