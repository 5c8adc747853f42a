import type { Claim } from '../../protocol/claim.js';
import { entryAt, settle, wasWrittenTo, type LedgerEntry } from './ledger.js';
import type { Operation } from '../../protocol/operation.js';
import type { RedisNode } from '../../redis-node.js';
import type { Runtime, Timer } from '../../time/runtime.js';
import { UnsettledEntries } from './unsettled-entries.js';
import type { Vote } from '../../vote.js';

/** Releases that have failed are repeated after pauses that grow, in ms. */
const SHORTEST_PAUSE = 50;
const LONGEST_PAUSE = 2000;

/**
 * Sees to it that nothing written to one node outlives its claim.
 *
 * Invariant: an entry is in `#entries` while a command of it is unanswered, or a release is owed or will be.
 */
export class CleanUp {
  readonly #index: number;
  readonly #node: Pick<RedisNode, 'ready' | 'cluster'>;
  readonly #runtime: Runtime;
  readonly #submitRelease: (claim: Claim, again: boolean) => void;
  readonly #entries = new UnsettledEntries();
  #releasing = 0;
  #debts = 0;
  /** After releases that have failed, one after another, in ms. */
  #pause = 0;
  #timer: Timer | null = null;
  /** The server has answered the latest release with an error: one is tried by and by, and the others wait. */
  #refused = false;

  /**
   * @param submitRelease called only while the node is ready; `again`: after a release of this claim that
   * the node has executed
   */
  constructor(
    index: number,
    node: Pick<RedisNode, 'ready' | 'cluster'>,
    runtime: Runtime,
    submitRelease: (claim: Claim, again: boolean) => void,
  ) {
    this.#index = index;
    this.#node = node;
    this.#runtime = runtime;
    this.#submitRelease = submitRelease;
  }

  /** Releases asked for and not answered. */
  get releasing(): number {
    return this.#releasing;
  }

  /** Claims that are owed a release. */
  get debts(): number {
    return this.#debts;
  }

  /** Whether anything of a claim was ever written to the node. */
  knows({ claim }: Operation): boolean {
    return wasWrittenTo(claim, this.#index);
  }

  get isDone(): boolean {
    return this.#entries.size === 0 && this.#releasing === 0;
  }

  /** A release is asked for: until it is answered, or put off, none has to follow it. */
  expect({ claim }: Operation): void {
    if (wasWrittenTo(claim, this.#index)) this.#count(entryAt(claim, this.#index), 1);
  }

  /** An operation is being written. */
  begin({ claim }: Operation): void {
    const entry = entryAt(claim, this.#index);
    entry.open++;
    this.#entries.add(entry);
  }

  /**
   * @param answered by the server, be it with an error, on the connection it was written on
   * @param connection that it was written on
   */
  end({ kind, claim }: Operation, vote: Vote['vote'], answered: boolean, connection: number): void {
    const entry = entryAt(claim, this.#index);
    entry.open--;
    // What was written before it on the same connection has been executed before it. A Cluster may reorder,
    // but there what only its client gave up would otherwise be remembered until the next connection.
    const isInOrder = kind === 'release' || !this.#node.cluster;
    if (answered && isInOrder && entry.unanswered === connection) entry.unanswered = null;
    if (kind === 'release') this.#endRelease(entry, vote, answered);
    else {
      if (!answered) entry.unanswered ??= connection;
      if (claim.over) this.#endLate(entry, vote, answered);
    }
    this.#settleIfDone(entry);
  }

  /** The server has done nothing of it, and it is written again, if it is still wanted. */
  undo({ kind, claim }: Operation): void {
    const entry = entryAt(claim, this.#index);
    entry.open--;
    // A release is still expected.
    if (kind !== 'release') this.#settleIfDone(entry);
  }

  /** The release that was expected cannot be written now. */
  postpone({ claim }: Operation): void {
    const entry = entryAt(claim, this.#index);
    this.#count(entry, -1);
    this.#oweInVain(entry);
  }

  /** The release that was expected will never be written. */
  forgo({ claim }: Operation): void {
    this.#count(entryAt(claim, this.#index), -1);
  }

  /** Releases what is owed, unless the server has just refused to. @param most so many claims */
  pay(most = Infinity): void {
    if (!this.#refused) this.#pay(most);
  }

  #pay(most: number): void {
    let left = Math.min(most, this.#debts);
    for (const entry of this.#entries) {
      if (left === 0) return;
      if (!entry.owing || entry.releasing > 0) continue;
      this.#release(entry);
      left--;
    }
  }

  /** Releases what was not answered on the connection it was written on, or is owed since before. */
  reconnected(): void {
    this.#endPause();
    for (const entry of this.#entries) {
      if (!entry.claim.over) continue;
      entry.unanswered = null;
      // One that has been asked for and not written goes out on this connection.
      if (entry.open > 0 || entry.releasing === 0) this.#release(entry);
    }
  }

  #endRelease(entry: LedgerEntry, vote: Vote['vote'], answered: boolean): void {
    this.#count(entry, -1);
    if (!answered || vote === 'failed') {
      this.#refused ||= answered;
      this.#oweInVain(entry);
      return;
    }
    this.#owe(entry, false);
    entry.released = true;
    this.#endPause();
    if (this.#debts > 0) this.pay();
  }

  /** What was not a release, of a claim that is over by now. */
  #endLate(entry: LedgerEntry, vote: Vote['vote'], answered: boolean): void {
    if (!answered) this.#owe(entry, true);
    // Whatever release this claim had was executed before, or may have been on a Cluster.
    const mayStay = entry.releasing === 0 || this.#node.cluster;
    if (vote === 'granted' && mayStay) this.#release(entry);
  }

  /**
   * A server that loads its data, runs a slow script or may not write at present answers and does nothing; a
   * client may give up a command on a connection that stays; an adapter may be ready again without a word.
   * So one release is tried again by and by, until what it would delete has expired.
   */
  #oweInVain(entry: LedgerEntry): void {
    const { claim } = entry;
    entry.owedUntil ??= this.#runtime.now() + Math.max(claim.ttl, claim.keepFor);
    this.#owe(entry, true);
    this.#beginPause();
  }

  #beginPause(): void {
    if (this.#timer) return;
    this.#pause = Math.min(Math.max(2 * this.#pause, SHORTEST_PAUSE), LONGEST_PAUSE);
    this.#timer = this.#runtime.setTimeout(() => this.#tryAgain(), this.#pause);
    this.#timer.unref();
  }

  /** A release has been executed, or may be. */
  #endPause(): void {
    if (this.#timer) this.#runtime.clearTimeout(this.#timer);
    this.#timer = null;
    this.#pause = 0;
    this.#refused = false;
  }

  #tryAgain(): void {
    this.#timer = null;
    const now = this.#runtime.now();
    const over = [...this.#entries].filter(
      ({ owing, owedUntil }) => owing && owedUntil !== null && now >= owedUntil,
    );
    for (const entry of over) {
      this.#owe(entry, false);
      this.#settleIfDone(entry);
    }
    if (this.#debts === 0) this.#endPause();
    else if (this.#node.ready) this.#pay(1);
    else this.#beginPause();
  }

  #settleIfDone(entry: LedgerEntry): void {
    const { claim } = entry;
    const willOwe = claim.over && entry.unanswered !== null;
    if (entry.open > 0 || entry.owing || willOwe) return;
    this.#entries.delete(entry);
    // A lock that is held for long has nothing to remember of its nodes but that.
    if (entry.releasing === 0 && entry.unanswered === null) settle(claim, this.#index);
  }

  #release(entry: LedgerEntry): void {
    if (this.#node.ready) this.#submitRelease(entry.claim, entry.released);
    else this.#oweInVain(entry);
  }

  #count(entry: LedgerEntry, more: number): void {
    entry.releasing += more;
    this.#releasing += more;
  }

  #owe(entry: LedgerEntry, owing: boolean): void {
    if (entry.owing !== owing) this.#debts += owing ? 1 : -1;
    entry.owing = owing;
    if (owing) this.#entries.add(entry);
  }
}
