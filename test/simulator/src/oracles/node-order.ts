import type { Holding } from '../run/holding.js';
import type { Change, Oracle } from '../run/events.js';
import type { Scene } from '../run/scene.js';

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
export class NodeOrder implements Oracle {
  /** By token and resource: when each node was given it, in order of all that nodes were given. */
  readonly #grants = new Map<string, Map<string, Grants>>();
  #order = 0;

  constructor(private readonly scene: Scene) {}

  changed({ server, key, before, after }: Change): void {
    if (after === null || after === before) return;
    const id = `${key} ${after}`;
    const nodes = this.#grants.get(id) ?? new Map<string, Grants>();
    this.#grants.set(id, nodes);
    const latest = this.#order++;
    nodes.set(server.name, { first: nodes.get(server.name)?.first ?? latest, latest });
  }

  acquired(holding: Holding): void {
    if (holding.fencingToken === 0 || holding.mode === 'shared') return;
    for (const other of this.#rivals(holding)) {
      if (other.fencingToken === holding.fencingToken) {
        this.#fail(`${other.token} and ${holding.token} both have #${holding.fencingToken}`);
      }
      for (const resource of holding.lock.resources) this.#compare(resource, other, holding);
    }
  }

  extended(holding: Holding, asked: number): void {
    if (holding.fencingToken === 0 || holding.adopted) return;
    for (const other of this.#rivals(holding)) {
      if (other.since <= holding.since || other.since >= asked) continue;
      if (!other.first || other.fencingToken < holding.fencingToken) continue;
      this.#fail(`${holding.token} was extended after ${other.token} had been granted`);
    }
  }

  #compare(resource: string, one: Holding, other: Holding): void {
    const ofOne = this.#grants.get(`${resource} ${one.token}`);
    const ofOther = this.#grants.get(`${resource} ${other.token}`);
    if (!ofOne || !ofOther) return;
    let before = 0;
    let after = 0;
    for (const [node, grants] of ofOne) {
      const others = ofOther.get(node);
      if (!others) continue;
      if (grants.first < others.latest) before++;
      if (others.first < grants.latest) after++;
    }
    if (before > 0 && after === 0) this.#expect(resource, one, other);
    if (after > 0 && before === 0) this.#expect(resource, other, one);
  }

  #expect(resource: string, earlier: Holding, later: Holding): void {
    if (earlier.grantedToken < later.grantedToken) return;
    this.#fail(
      `${resource} was granted to ${earlier.token} with #${earlier.grantedToken}, and after it to ` +
        `${later.token} with #${later.grantedToken}`,
    );
  }

  #rivals(holding: Holding): readonly Holding[] {
    return this.scene.holdings.all.filter(
      (other) =>
        other.first &&
        other.owner !== holding.owner &&
        other.mode === 'exclusive' &&
        other.fencingToken > 0 &&
        other.excludes(holding),
    );
  }

  #fail(what: string): void {
    this.scene.fail('node order', what);
  }
}
