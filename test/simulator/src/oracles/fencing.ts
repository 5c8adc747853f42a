import type { Change, Oracle } from '../run/events.js';
import type { Holding } from '../run/holding.js';
import type { Scene } from '../run/scene.js';
import { operationsIn } from '../server/commands.js';

/** Fencing tokens are unique and grow in the order in which the resource was held. */
export function tokenOrder(scene: Scene): Oracle {
  /** Of each resource, the highest so far. */
  const highestOf = new Map<string, Holding>();
  const tokens = new Map<Holding, number>();

  function raised(holding: Holding): void {
    const { fencingToken, lock } = holding;
    tokens.set(holding, fencingToken);
    // A shared handle may show the token of an exclusive lock that it shares besides.
    if (fencingToken === 0 || holding.mode === 'shared') return;
    if (!Number.isSafeInteger(fencingToken)) {
      scene.fail('token order', `${holding.token} has the fencing token ${fencingToken}`);
    }
    for (const resource of lock.resources) {
      const highest = highestOf.get(resource);
      if (highest && highest.owner !== holding.owner && highest.fencingToken >= fencingToken) {
        scene.fail(
          'token order',
          `${holding.token} holds ${resource} with #${fencingToken}, but before it ` +
            `${highest.token} had #${highest.fencingToken}`,
        );
      }
      if (!highest || highest.fencingToken < fencingToken) highestOf.set(resource, holding);
    }
  }

  return {
    acquired(holding: Holding): void {
      raised(holding);
    },

    /** A holder that still lives when its lock is adopted has what it had. */
    looked(holding: Holding): void {
      if (holding.adopted) return;
      if (holding.fencingToken !== tokens.get(holding)) raised(holding);
    },
  };
}

/** A client may send a grant again, and its key may have expired meanwhile. */
interface Grants {
  readonly first: number;
  readonly latest: number;
}

/**
 * Fencing tokens as they are promised whatever clocks say: unique; in the order in which the nodes
 * granted, where all nodes that granted both saw the same order; and nobody extends a lock once a
 * successor was granted.
 */
export function nodeOrder(scene: Scene): Oracle {
  /** By token and resource: when each node was given it, in order of all that nodes were given. */
  const granted = new Map<string, Map<string, Grants>>();
  let order = 0;
  const fail = (what: string): void => scene.fail('node order', what);

  function compare(resource: string, one: Holding, other: Holding): void {
    const ofOne = granted.get(`${resource} ${one.token}`);
    const ofOther = granted.get(`${resource} ${other.token}`);
    if (!ofOne || !ofOther) return;
    let before = 0;
    let after = 0;
    for (const [node, grants] of ofOne) {
      const others = ofOther.get(node);
      if (!others) continue;
      if (grants.first < others.latest) before++;
      if (others.first < grants.latest) after++;
    }
    if (before > 0 && after === 0) expect(resource, one, other);
    if (after > 0 && before === 0) expect(resource, other, one);
  }

  function expect(resource: string, earlier: Holding, later: Holding): void {
    if (earlier.grantedToken < later.grantedToken) return;
    fail(
      `${resource} was granted to ${earlier.token} with #${earlier.grantedToken}, and after it to ` +
        `${later.token} with #${later.grantedToken}`,
    );
  }

  function rivals(holding: Holding): readonly Holding[] {
    return scene.holdings.all.filter(
      (other) =>
        other.first &&
        other.owner !== holding.owner &&
        other.mode === 'exclusive' &&
        other.fencingToken > 0 &&
        other.excludes(holding),
    );
  }

  return {
    changed({ server, key, before, after }: Change): void {
      if (after === null || after === before) return;
      const id = `${key} ${after}`;
      const nodes = granted.get(id) ?? new Map<string, Grants>();
      granted.set(id, nodes);
      const latest = order++;
      nodes.set(server.name, { first: nodes.get(server.name)?.first ?? latest, latest });
    },

    acquired(holding: Holding): void {
      if (holding.fencingToken === 0 || holding.mode === 'shared') return;
      for (const other of rivals(holding)) {
        if (other.fencingToken === holding.fencingToken) {
          fail(`${other.token} and ${holding.token} both have #${holding.fencingToken}`);
        }
        for (const resource of holding.lock.resources) compare(resource, other, holding);
      }
    },

    extended(holding: Holding, asked: number): void {
      if (holding.fencingToken === 0 || holding.adopted) return;
      for (const other of rivals(holding)) {
        if (other.since <= holding.since || other.since >= asked) continue;
        if (!other.first || other.fencingToken < holding.fencingToken) continue;
        fail(`${holding.token} was extended after ${other.token} had been granted`);
      }
    },
  };
}

/**
 * A grant or an adoption that finds its token on a node already raises no counter there: it would outrun the
 * token of the lock, and the node would not count any more when that is extended.
 */
export function repetition(scene: Scene): Oracle {
  /** The command that changed a key last, by node. */
  const latest = new Map<string, readonly string[]>();

  return {
    changed({ server, command }: Change): void {
      latest.set(server.name, command);
    },

    counted({ server, key, before, command }: Change): void {
      const [operation, ...others] = operationsIn(command);
      const takes = operation?.verb === 'a';
      // Of a counter that was missing there is nothing to keep.
      if (!takes || before === null || others.length > 0) return;
      if (latest.get(server.name) === command) return;
      scene.fail(
        'repetition',
        `${key} was raised on ${server.name} by a command that was there before`,
      );
    },
  };
}
