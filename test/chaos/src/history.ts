import type { LockMode } from 'redlock-core';
import type { Access, Notice, Reply } from './message.js';
import { isTorn, type Sighting } from './sighting.js';
import { QUORUM } from './variant.js';

/** A lock, for as long as its holder could believe in it. */
export interface Hold {
  readonly client: string;
  readonly mode: LockMode;
  readonly token: number;
  /** On the machine's clock, in ms, as all times here. */
  readonly from: number;
  /** The end of validity as the holder last knew it, or an earlier release or loss. */
  until: number;
  ended: boolean;
}

/** Of the ledger or the record, as its keeper saw it. */
export interface Visit {
  readonly kind: 'read' | 'change' | 'write';
  readonly client: string;
  readonly token: number;
  readonly at: number;
  readonly admitted: boolean;
  /** Refused because the lock had ended, whatever its token. */
  readonly late: boolean;
  /** Null where the client never told of it. */
  readonly hold: Hold | null;
}

/** A read of the record that shows a write in the midst of it. */
export interface TornRead {
  readonly client: string;
  readonly at: number;
  readonly sighting: Sighting;
}

/** In which a majority of nodes was there for everybody, and the machine ran. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** All that happened in a run, in the order in which it became known. */
export class History {
  readonly holds: Hold[] = [];
  readonly visits: Visit[] = [];
  readonly setbacks = new Map<string, number>();
  readonly faults = new Map<string, number>();
  readonly tornReads: TornRead[] = [];
  /** Of the record, under a lock that was held until all was seen. */
  reads = 0;
  /** Locks that were lost. */
  losses = 0;
  quarantines = 0;
  /** In ms: for how long the machine let nobody run. */
  stalled = 0;
  start: number;
  readonly #clock: () => number;
  readonly #nodes: number;
  readonly #byName = new Map<string, Hold>();
  readonly #lines: { readonly at: number; readonly text: string }[] = [];
  readonly #away = new Set<number>();
  readonly #spans: Span[] = [];
  #majoritySince: number | null = null;

  constructor(nodes: number, clock: () => number) {
    this.#nodes = nodes;
    this.#clock = clock;
    this.start = clock();
  }

  /** All nodes are there, and everybody is at work. */
  begin(): void {
    this.start = this.#clock();
    this.#majoritySince = this.start;
    this.note('begin');
  }

  /** @returns who holds the lock as far as is known */
  holder(): string | null {
    const latest = this.holds.at(-1);
    return latest && !latest.ended && latest.until > this.#clock() ? latest.client : null;
  }

  told(client: string, message: Notice): void {
    switch (message.kind) {
      case 'granted': {
        const { mode, token, at, until } = message;
        const hold = { client, mode, token, from: at, until, ended: false };
        this.holds.push(hold);
        this.#byName.set(nameOf(client, message.hold), hold);
        this.note(
          `${client} was granted ${nameOfLock(hold)}, valid for ${(until - at).toFixed(0)} ms`,
          at,
        );
        break;
      }
      case 'extended': {
        const hold = this.#byName.get(nameOf(client, message.hold));
        if (!hold || hold.ended) break;
        hold.until = message.until;
        this.note(`${client} extended ${nameOfLock(hold)}`, message.at);
        break;
      }
      case 'ended': {
        const hold = this.#byName.get(nameOf(client, message.hold));
        if (!hold || hold.ended) break;
        hold.until = Math.min(hold.until, message.at);
        hold.ended = true;
        if (message.lost) this.losses++;
        const verb = message.lost ? 'lost' : 'gave up';
        this.note(`${client} ${verb} ${nameOfLock(hold)}`, message.at);
        break;
      }
      case 'seen': {
        const { at, sighting } = message;
        this.reads++;
        if (isTorn(sighting)) this.tornReads.push({ client, at, sighting });
        break;
      }
      case 'setback':
        count(this.setbacks, message.code);
        break;
      case 'quarantined':
        this.quarantines++;
        break;
    }
  }

  /** Looks at the record are told by whoever looks. */
  visited(client: string, access: Access, { admitted, late }: Reply): void {
    if (access.kind === 'look') return;
    const { token } = access;
    const kind = access.kind === 'commit' ? 'write' : access.kind;
    const at = this.#clock();
    const hold = this.#byName.get(nameOf(client, access.hold)) ?? null;
    this.visits.push({ kind, client, token, at, admitted, late, hold });
    this.note(
      `${client} ${admitted ? 'was let' : 'was refused to'} ${kind} with token ${token}`,
      at,
    );
  }

  fault(kind: string, text: string): void {
    count(this.faults, kind);
    this.note(text);
  }

  nodeAway(node: number): void {
    this.#away.add(node);
    this.#lookForMajority();
  }

  nodeBack(node: number): void {
    this.#away.delete(node);
    this.#lookForMajority();
  }

  /** The machine has let nobody run for so many ms. Progress is asked for before that, and from now on anew. */
  stoodStill(ms: number): void {
    const now = this.#clock();
    this.stalled += ms;
    this.note(`the machine stood still for ${ms.toFixed(0)} ms`, now);
    if (this.#majoritySince === null) return;
    this.#spans.push({ from: this.#majoritySince, to: Math.max(this.#majoritySince, now - ms) });
    this.#majoritySince = now;
  }

  /** Ends the last of the spans in which a majority was up. */
  end(): readonly Span[] {
    if (this.#majoritySince !== null) {
      this.#spans.push({ from: this.#majoritySince, to: this.#clock() });
      this.#majoritySince = null;
    }
    return this.#spans;
  }

  note(text: string, at = this.#clock()): void {
    this.#lines.push({ at, text });
  }

  /** What happened just before and after a moment, a line each. */
  around(moment: number, before: number, after: number): string[] {
    const lines = this.#lines.toSorted((a, b) => a.at - b.at);
    const later = lines.findIndex(({ at }) => at > moment);
    const middle = later < 0 ? lines.length : later;
    return lines
      .slice(Math.max(0, middle - before), middle + after)
      .map(({ at, text }) => `${this.#seconds(at)}  ${text}`);
  }

  /** Since the start. */
  #seconds(at: number): string {
    return `${((at - this.start) / 1000).toFixed(3).padStart(8)} s`;
  }

  #lookForMajority(): void {
    const isThere = this.#nodes - this.#away.size >= QUORUM;
    if (isThere) this.#majoritySince ??= this.#clock();
    else this.end();
  }
}

/** Shared locks have no token. */
export function nameOfLock({ mode, token }: Pick<Hold, 'mode' | 'token'>): string {
  return mode === 'shared' ? 'a shared lock' : `token ${token}`;
}

function nameOf(client: string, hold: number): string {
  return `${client}/${hold}`;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
