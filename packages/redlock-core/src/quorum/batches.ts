import type { NodeLink } from '../node/link.js';
import { timeoutTermsOf, type TimeoutTerms } from '../node/timeouts.js';
import { slotOf } from '../protocol/routing.js';
import { afterPromises, type Runtime } from '../time/runtime.js';
import { Batch } from './batch.js';
import type { Ballot } from './ballot.js';
import { quorumOf } from './verdict.js';

/** The most keys in one command, unless a single operation has more: a script must not block its server for long. */
const MAX_KEYS = 128;

/** Operations whose timeouts, and on a Cluster whose slots, are the same. */
interface Group {
  readonly terms: TimeoutTerms;
  readonly slot: number | '';
  /** Whether they are extensions on all nodes, which are sent behind the others. */
  readonly isHolding: boolean;
  readonly releases: Ballot[];
  readonly others: Ballot[];
}

/** To read the keys of so many permits takes a node about as long as to write one key. */
const PERMITS_PER_KEY = 16;

/**
 * The one queue for all nodes: shares operations out among batches.
 *
 * Perf: commands per second. Most of what an operation costs, in the client and in the servers alike, is its command. A
 * lone caller does not wait for others: an operation leaves as soon as all promises have run, if no batch is undecided. Otherwise
 * it leaves when the event loop has read its sockets, with all that have gathered until then.
 */
export class Batches {
  readonly #links: readonly NodeLink[];
  readonly #runtime: Runtime;
  readonly #counterGrace: () => number;
  readonly #quorum: number;
  /** On a Cluster, the keys of one command share a slot. */
  readonly #clusterPrefix: string | null;
  #queue: Ballot[] = [];
  readonly #open: Batch[] = [];

  constructor(links: readonly NodeLink[], runtime: Runtime, counterGrace: () => number) {
    this.#links = links;
    this.#runtime = runtime;
    this.#counterGrace = counterGrace;
    this.#quorum = quorumOf(links.length);
    this.#clusterPrefix = links.find(({ node }) => node.cluster)?.node.keyPrefix ?? null;
  }

  submit(ballot: Ballot): void {
    const { claim, operation, only } = ballot;
    if (claim && operation.verb === 'release' && only === null) claim.isReleaseQueued = true;
    if (this.#queue.push(ballot) > 1) return;
    if (this.#isIdle()) afterPromises(this.#flush);
    else this.#runtime.afterSockets(this.#flush);
  }

  /** Whether the outcomes of all batches are known. */
  #isIdle(): boolean {
    const open = this.#open;
    while (open.length > 0 && open[0]?.isOpen === false) open.shift();
    for (let i = open.length - 1; i > 0; i--) if (open[i]?.isOpen === false) open.splice(i, 1);
    return open.length === 0;
  }

  readonly #flush = (): void => {
    const queue = this.#queue.filter(mayLeave);
    this.#queue = [];
    const start = this.#runtime.now();
    const [first] = queue;
    // Perf: latency of a lone caller. A single operation is a batch as it is.
    if (queue.length === 1 && first) this.#send(queue, this.#termsOf(first), start);
    else for (const [ballots, terms] of this.#share(queue)) this.#send(ballots, terms, start);
  };

  #send(ballots: readonly Ballot[], terms: TimeoutTerms, start: number): void {
    const { base, most, allowance, isShort } = terms;
    const counterGrace = this.#counterGrace();
    const all = { base, most, allowance, isShort, start, counterGrace, written: [] };
    const batch = new Batch(this.#links, this.#quorum, ballots, all);
    this.#open.push(batch);
    batch.send();
  }

  #termsOf({ operation, patience }: Ballot): TimeoutTerms {
    const terms = timeoutTermsOf(operation);
    if (patience >= terms.allowance) return terms;
    return { ...terms, allowance: Math.max(patience, 0), isShort: true };
  }

  /**
   * Shares operations out among batches: in order, those whose timeouts are the same together; releases go with any. If
   * that takes several batches, extensions (of which there may be thousands at once) fill at most every second one.
   */
  #share(queue: readonly Ballot[]): [Ballot[], TimeoutTerms][] {
    const groups = new Map<string, Group>();
    const releases: Ballot[] = [];
    for (const ballot of queue) {
      if (ballot.operation.verb === 'release') releases.push(ballot);
      else this.#groupOf(ballot, groups).others.push(ballot);
    }
    // Releases go with the group that is sent first, so that no acquire overtakes the release that makes room for it.
    const bySlot = new Map<number | '', Group>();
    for (const group of groups.values()) {
      const first = bySlot.get(group.slot);
      if (!first || (first.isHolding && !group.isHolding)) bySlot.set(group.slot, group);
    }
    for (const ballot of releases) {
      const group = bySlot.get(this.#slotOf(ballot)) ?? this.#groupOf(ballot, groups);
      bySlot.set(group.slot, group);
      group.releases.push(ballot);
    }
    const holding: [Ballot[], TimeoutTerms][] = [];
    const others: [Ballot[], TimeoutTerms][] = [];
    for (const { terms, isHolding, ...group } of groups.values()) {
      const into = isHolding ? holding : others;
      for (const part of filled([...group.releases, ...group.others])) into.push([part, terms]);
    }
    const batches: [Ballot[], TimeoutTerms][] = [];
    for (let turn = 0; turn < Math.max(holding.length, others.length); turn++) {
      batches.push(...others.slice(turn, turn + 1), ...holding.slice(turn, turn + 1));
    }
    return batches;
  }

  #groupOf(ballot: Ballot, groups: Map<string, Group>): Group {
    const terms = this.#termsOf(ballot);
    const slot = this.#slotOf(ballot);
    const isHolding = ballot.operation.verb === 'extend' && ballot.only === null;
    const name = `${terms.base} ${terms.most} ${terms.allowance} ${isHolding} ${slot}`;
    const group = groups.get(name) ?? { terms, slot, isHolding, releases: [], others: [] };
    groups.set(name, group);
    return group;
  }

  #slotOf({ operation }: Ballot): number | '' {
    if (this.#clusterPrefix === null) return '';
    return slotOf(this.#clusterPrefix + (operation.keys.keys[0] ?? ''));
  }
}

/** An acquire or an extension that is over before it has left is not sent. */
function mayLeave(ballot: Ballot): boolean {
  if (ballot.operation.verb === 'release') return true;
  if (ballot.claim?.over) ballot.abandon();
  return !ballot.isDecided;
}

function filled(ballots: readonly Ballot[]): Ballot[][] {
  const batches: Ballot[][] = [];
  let room = 0;
  for (const ballot of ballots) {
    const size = sizeOf(ballot);
    const last = batches.at(-1);
    if (last && size <= room) last.push(ballot);
    else {
      batches.push([ballot]);
      room = MAX_KEYS;
    }
    room -= size;
  }
  return batches;
}

function sizeOf({ operation: { keys, verb } }: Ballot): number {
  const read = verb === 'acquire' ? Math.floor(keys.permitKeys.length / PERMITS_PER_KEY) : 0;
  return keys.keys.length + read;
}
