import { type Keyspace, type PermitLock, setOf, SHARED } from '../core.js';
import type { Change, Oracle, SharingChange } from '../run/events.js';
import type { Holding } from '../run/holding.js';
import type { Scene } from '../run/scene.js';
import { holdersOn, isHeldBy, isOrphaned, livingIn } from '../server/sharers.js';

/**
 * Never do two believe that they hold one resource, each by its own clocks, unless both share it. Between two events beliefs
 * only end, so it is enough to look when one begins or grows.
 */
export function exclusion(scene: Scene): Oracle {
  function looked(holding: Holding): void {
    if (holding.adopted || !holding.believed) return;
    for (const other of scene.holdings.live) {
      if (other.owner === holding.owner || other.adopted || !other.believed) continue;
      if (!other.excludes(holding)) continue;
      const names = [other, holding].map(({ process, token }) => `${process.name} (${token})`);
      scene.fail(
        'exclusion',
        `${names.join(' and ')} both hold ${holding.lock.resources.join('+')}`,
      );
    }
  }

  return {
    looked,

    acquired(holding: Holding): void {
      looked(holding);
    },
  };
}

/**
 * Who believes to hold a lock has its keys on a quorum of nodes; those that have forgotten since it
 * asked count too, for quarantine keeps them from granting.
 */
export function footing(scene: Scene): Oracle {
  /** What an adoption has taken goes to no third party, nor does a shared key whose set is gone. */
  function isKept(keyspace: Keyspace, resource: string, token: string): boolean {
    if (isHeldBy(keyspace, resource, token) || isOrphaned(keyspace, resource)) return true;
    const { replacements } = scene;
    return holdersOn(keyspace, resource).some((holder) => replacements.originOf(holder) === token);
  }

  function check(token: string): void {
    for (const holding of scene.holdings.live) {
      if (holding.token === token) looked(holding);
    }
  }

  function looked(holding: Holding): void {
    if (!holding.first || holding.adopted || !holding.believed) return;
    const { servers, quorum } = scene;
    const { process, lock, token } = holding;
    const asked = process.tokens.get(token) ?? 0;
    const standing = servers.filter(
      ({ keyspace, forgotAt }) =>
        forgotAt > asked || lock.resources.every((resource) => isKept(keyspace, resource, token)),
    );
    if (standing.length >= quorum) return;
    const names = standing.map(({ name }) => name).join(' ') || 'none';
    scene.fail('footing', `${token} is believed in, but it is on too few nodes: ${names}`);
  }

  return {
    looked,

    changed({ before }: Change): void {
      if (before !== null) check(before);
    },

    shared({ before, after }: SharingChange): void {
      for (const token of before.keys()) if (!after.has(token)) check(token);
    },
  };
}

/** Expiries are in whole ms, and a ttl may not be. */
const ROUNDING = 1;

/**
 * On each node, a key is exclusive or shared. No shared holder is left beside another value of the key, nor where a command
 * has freed the key. The key and the set of its holders end together, with the last holder; and whoever joins finds nobody
 * there whose time is over.
 */
export function sharedKeys(scene: Scene): Oracle {
  const fail = (what: string): void => scene.fail('shared keys', what);

  return {
    changed({ server, key, after }: Change): void {
      if (after === SHARED) return;
      const [left] = livingIn(server.keyspace, setOf(key)).keys();
      if (left === undefined) return;
      const value = after ?? 'no token';
      fail(`${key} of ${server.name} belongs to ${value}, and ${left} shares it`);
    },

    shared({ server, key, before, after }: SharingChange): void {
      const { keyspace } = server;
      if (after.size === 0) return;
      const set = setOf(key);
      const remaining = keyspace.remaining(key);
      const last = Math.max(...after.values()) - keyspace.now;
      if (keyspace.remaining(set) !== remaining || Math.abs(remaining - last) > ROUNDING) {
        fail(
          `${key} of ${server.name} ends in ${remaining} ms, its set in ${keyspace.remaining(set)} ms, and the last holder in ${last} ms`,
        );
      }
      const hasJoined = [...after.keys()].some((member) => !before.has(member));
      const members = keyspace.sortedSet(set)?.members ?? [];
      const past = members.find((member) => !after.has(member));
      if (hasJoined && past !== undefined)
        fail(`the time of ${past} is over, and it is still in ${set} of ${server.name}`);
    },
  };
}

/**
 * A semaphore never has more holders than permits: neither by what holders believe, each by its own clocks, nor by what
 * nodes have. A token counts as a holder's if a quorum of nodes has it under the key of any permit. And a lock says which
 * permit it is.
 */
export function permits(scene: Scene): Oracle {
  if (!scene.plan.semaphore) return {};
  const { permits: count } = scene.plan.semaphore;
  const fail = (what: string): void => scene.fail('permits', what);

  function judgeNodes(): void {
    const tokens = tokensOnQuorum();
    if (tokens.length > count)
      fail(`nodes have ${tokens.join(' ')} as holders of ${count} permits`);
  }

  function believers(): readonly Holding[] {
    return scene.holdings.live.filter(
      (each) => each.believed && !each.adopted && each.owner === each,
    );
  }

  function tokensOnQuorum(): readonly string[] {
    const { servers, plan, quorum } = scene;
    const nodes = new Map<string, number>();
    for (const { keyspace } of servers) {
      const tokens = plan.resources.flatMap((resource) => holdersOn(keyspace, resource));
      for (const token of new Set(tokens)) nodes.set(token, (nodes.get(token) ?? 0) + 1);
    }
    return [...nodes.keys()].filter((token) => (nodes.get(token) ?? 0) >= quorum);
  }

  function looked(holding: Holding): void {
    if (scene.plan.kind === 'wild' || holding.adopted || !holding.believed) return;
    const tokens = believers().map(({ token }) => token);
    if (tokens.length > count) fail(`${tokens.join(' ')} hold ${count} permits`);
  }

  return {
    looked,

    acquired(holding: Holding): void {
      const { tally, plan } = scene;
      if (believers().length === count) tally.fullSemaphores++;
      looked(holding);
      judgeNodes();
      const { resources, permit } = holding.lock as PermitLock;
      if (plan.resources[permit] !== resources.join('+'))
        fail(`permit ${permit} is said to be the lock of ${resources.join('+')}`);
    },

    changed({ before, after }: Change): void {
      if (after !== null && after !== before) judgeNodes();
    },
  };
}
