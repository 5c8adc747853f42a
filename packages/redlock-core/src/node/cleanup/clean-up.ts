import type { Claim } from '../../protocol/claim.js';
import { entryAt, settle, wasWrittenTo, type LedgerEntry } from './ledger.js';
import type { Operation } from '../../protocol/operation.js';
import type { RedisNode } from '../../redis-node.js';
import type { Runtime, Timer } from '../../time/runtime.js';
import { UnsettledEntries } from './unsettled-entries.js';
import type { Vote } from '../../vote.js';

/** A release that has failed is repeated after a pause, which doubles from the shortest to the longest, in ms. */
const SHORTEST_PAUSE = 50;
const LONGEST_PAUSE = 2000;

/**
 * Sees to it that nothing that was written to one node outlives its claim (docs/decisions/clean-up-by-debts.md).
 *
 * Invariant: an entry is in `#entries` while one of its commands is unanswered, or while a release is owed or will be.
 */
export class CleanUp {
  readonly #index: number;
  readonly #node: Pick<RedisNode, 'ready' | 'cluster'>;
  readonly #runtime: Runtime;
  readonly #submitRelease: (claim: Claim, again: boolean) => void;
  readonly #entries = new UnsettledEntries();
  #releasing = 0;
  #debts = 0;
  /** The current pause before a failed release is repeated, in ms. 0: the latest release did not fail. */
  #pause = 0;
  #timer: Timer | null = null;
  /**
   * The server has answered the latest release with an error. While that is so, one release is tried after each pause,
   * and the others wait.
   */
  #refused = false;

  /**
   * @param submitRelease asks for a release. Called only while the node is ready; `again`: the node has executed a
   * release of this claim already
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

  /** How many releases are asked for and not answered. */
  get releasing(): number {
    return this.#releasing;
  }

  /** How many claims are owed a release. */
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

  /** A release is asked for. Until it is answered or put off, the claim needs no other one. */
  expect({ claim }: Operation): void {
    if (wasWrittenTo(claim, this.#index)) this.#count(entryAt(claim, this.#index), 1);
  }

  /** Counts an operation that is being written. */
  begin({ claim }: Operation): void {
    const entry = entryAt(claim, this.#index);
    entry.open++;
    this.#entries.add(entry);
  }

  /**
   * Counts an operation that has ended.
   * @param answered the server has answered, possibly with an error, on the connection on which it was written
   * @param connection the connection on which it was written
   */
  end({ kind, claim }: Operation, vote: Vote['vote'], answered: boolean, connection: number): void {
    const entry = entryAt(claim, this.#index);
    entry.open--;
    // A connection executes commands in order, so the server has executed every earlier command of this connection. A
    // Cluster may reorder commands. Its releases count all the same; otherwise a command that only the client gave up
    // would be remembered until the next connection.
    const isInOrder = kind === 'release' || !this.#node.cluster;
    if (answered && isInOrder && entry.unanswered === connection) entry.unanswered = null;
    if (kind === 'release') this.#endRelease(entry, vote, answered);
    else {
      if (!answered) entry.unanswered ??= connection;
      if (claim.over) this.#endLate(entry, vote, answered);
    }
    this.#settleIfDone(entry);
  }

  /** The server has not executed the operation, which is written again if it is still wanted. */
  undo({ kind, claim }: Operation): void {
    const entry = entryAt(claim, this.#index);
    entry.open--;
    // The release is still asked for, so the entry is not done.
    if (kind !== 'release') this.#settleIfDone(entry);
  }

  /** The release that was asked for cannot be written now, so it is owed. */
  postpone({ claim }: Operation): void {
    const entry = entryAt(claim, this.#index);
    this.#count(entry, -1);
    this.#oweInVain(entry);
  }

  /** The release that was asked for will never be written. */
  forgo({ claim }: Operation): void {
    this.#count(entryAt(claim, this.#index), -1);
  }

  /**
   * Asks for releases that are owed, unless the server has just refused one.
   * @param most for this many claims at most
   */
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

  /**
   * Releases every claim that is over, because there is a new connection: commands that were not answered on the former
   * one may still arrive, and other releases are owed since before.
   */
  reconnected(): void {
    this.#endPause();
    for (const entry of this.#entries) {
      if (!entry.claim.over) continue;
      entry.unanswered = null;
      // A release that was asked for and is not written yet goes out on this connection.
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

  /** Ends an operation other than a release, of a claim that is over by now. */
  #endLate(entry: LedgerEntry, vote: Vote['vote'], answered: boolean): void {
    if (!answered) this.#owe(entry, true);
    // If no release is asked for, every release of this claim was executed before the grant. On a Cluster, the one that
    // is asked for may have been executed before it, too.
    const mayStay = entry.releasing === 0 || this.#node.cluster;
    if (vote === 'granted' && mayStay) this.#release(entry);
  }

  /**
   * Owes a release that failed or could not be written. One owed release is tried again after each pause, until the
   * keys that it would delete have expired, because readiness alone does not say when it can succeed: a server that
   * loads its data, runs a slow script or may not write at present answers with an error; a client may give up a
   * command on a connection that stays; an adapter may become ready without a notice.
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

  /** A release was executed, or can be executed on a new connection, so none needs to wait. */
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
    // Perf: memory of locks that are held for long. Of a node with nothing open, only the fact that it was written to
    // is kept.
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
