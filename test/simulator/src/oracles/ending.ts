import type { Call, Change, Oracle, SharingChange } from '../run/events.js';
import type { Holding } from '../run/holding.js';
import type { Scene } from '../run/scene.js';
import { isRelease, operationsIn } from '../server/commands.js';
import type { Server } from '../server/server.js';

/** A release that returned true was that of a lock which was held until then. */
export function releaseProof(scene: Scene): Oracle {
  /** By token: the nodes on which a command deleted a key of it. */
  const deleted = new Map<string, Set<string>>();

  function note(token: string, { name }: Server): void {
    const nodes = deleted.get(token) ?? new Set();
    deleted.set(token, nodes.add(name));
  }

  return {
    changed({ server, before, after }: Change): void {
      if (before !== null && after !== before) note(before, server);
    },

    shared({ server, before, after }: SharingChange): void {
      for (const token of before.keys()) if (!after.has(token)) note(token, server);
    },

    released(holding: Holding, confirmed: boolean): void {
      const { released, token, since } = holding;
      if (!confirmed || !released) return;
      const { holdings, quorum } = scene;
      if (!released.believed) {
        scene.fail('release', `${token} was released with true, but its validity had ended`);
      }
      for (const other of holdings.all) {
        if (other.owner === holding.owner || !other.excludes(holding) || holding.adopted) continue;
        if (other.adopted || other.since <= since || other.since >= released.at) continue;
        scene.fail('release', `${token} was released with true, but ${other.token} held since`);
      }
      const nodes = deleted.get(token)?.size ?? 0;
      if (holding.first && holding.keptFor === 0 && nodes < quorum && holding.owner === holding) {
        scene.fail('release', `${token} was released with true, but was on ${nodes} nodes`);
      }
    },
  };
}

/**
 * A token that was released is not brought back: once its release is given to the client of a node, no acquire, extension or
 * repair of it is given to that client any more.
 */
export function afterlife(scene: Scene): Oracle {
  /** By node: the tokens that have ended. */
  const ended = new Set<string>();

  return {
    called({ process, node, command }: Call): void {
      for (const operation of operationsIn(command)) {
        const { verb, token } = operation;
        const id = `${node} ${token}`;
        if (isRelease(operation)) ended.add(id);
        else if (verb !== 'i' && ended.has(id)) {
          const { name } = scene.servers[node] ?? {};
          scene.fail('afterlife', `${process.name} brings ${token} back to ${name}`);
        }
      }
    },
  };
}

/** Both clocks are looked at once a second; a timer may be a little late. In ms. */
const LATEST = 1010;

/** Whose lock is lost is told: its signal aborts in time, and `lost` is emitted once. */
export function lossNotice(scene: Scene): Oracle {
  return {
    lost(holding: Holding): void {
      const { token, lock, losses, released, signal } = holding;
      if (losses > 1) scene.fail('loss', `${token} was lost twice`);
      if (released?.believed) scene.fail('loss', `${token} was lost after its release`);
      if (!(signal ?? lock.signal).aborted) {
        scene.fail('loss', `${token} is lost and its signal not aborted`);
      }
    },

    looked(holding: Holding): void {
      const { process, signal, token, ends, first } = holding;
      if (process.paused || !first || !ends || holding.believed || signal?.aborted) {
        holding.endedSince = null;
        return;
      }
      const now = process.mono.read();
      holding.endedSince ??= now;
      if (now - Math.max(holding.endedSince, process.wokeAt) > LATEST) {
        scene.fail('loss', `${token} is over, and its signal was not aborted for a second`);
      }
    },
  };
}
