import type { Operation } from '../../protocol/operation.js';
import type { Runtime } from '../../time/runtime.js';
import type { Vote } from '../../vote.js';
import type { GuardedNode } from '../guarded-node.js';
import { Debts, type CleanUpOwner } from './debts.js';
import { entryAt, wasWrittenTo, type LedgerEntry } from './ledger.js';
import { UnsettledEntries } from './unsettled-entries.js';

/**
 * Sees to it that nothing that was written to one node outlives its claim (docs/decisions/clean-up-by-debts.md).
 *
 * Invariant: an entry is in `#entries` while one of its commands is unanswered, or while a release is owed or will be.
 */
export class CleanUp {
  readonly debts: Debts;
  readonly #index: number;
  readonly #node: GuardedNode;
  readonly #entries: UnsettledEntries;
  #releasing = 0;

  constructor(index: number, node: GuardedNode, runtime: Runtime, owner: CleanUpOwner) {
    this.#index = index;
    this.#node = node;
    this.#entries = new UnsettledEntries(index);
    this.debts = new Debts(this.#entries, node, runtime, owner);
  }

  /** How many releases are asked for and not answered. */
  get releasing(): number {
    return this.#releasing;
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
    this.#entries.settleIfDone(entry);
  }

  /** The server has not executed the operation, which is written again if it is still wanted. */
  undo({ kind, claim }: Operation): void {
    const entry = entryAt(claim, this.#index);
    entry.open--;
    // The release is still asked for, so the entry is not done.
    if (kind !== 'release') this.#entries.settleIfDone(entry);
  }

  /** The release that was asked for cannot be written now, so it is owed. */
  postpone({ claim }: Operation): void {
    const entry = entryAt(claim, this.#index);
    this.#count(entry, -1);
    this.debts.oweInVain(entry);
  }

  /** The release that was asked for will never be written. */
  forgo({ claim }: Operation): void {
    this.#count(entryAt(claim, this.#index), -1);
  }

  /**
   * Releases every claim that is over, because there is a new connection: commands that were not answered on the former
   * one may still arrive, and other releases are owed since before.
   */
  reconnected(): void {
    this.debts.payable();
    for (const entry of this.#entries) {
      if (!entry.claim.over) continue;
      entry.unanswered = null;
      // A release that was asked for and is not written yet goes out on this connection.
      if (entry.open > 0 || entry.releasing === 0) this.debts.release(entry);
    }
  }

  #endRelease(entry: LedgerEntry, vote: Vote['vote'], answered: boolean): void {
    this.#count(entry, -1);
    // Also if the client has sent the command again on another connection.
    entry.freed ||= vote === 'granted';
    if (!answered || vote === 'failed') {
      if (answered) this.debts.refused();
      this.debts.oweInVain(entry);
      return;
    }
    entry.released = true;
    this.debts.paid(entry);
  }

  /** Ends an operation other than a release, of a claim that is over by now. */
  #endLate(entry: LedgerEntry, vote: Vote['vote'], answered: boolean): void {
    if (!answered) this.debts.owe(entry);
    // If no release is asked for, every release of this claim was executed before the grant. On a Cluster, the one that
    // is asked for may have been executed before it, too.
    const mayStay = entry.releasing === 0 || this.#node.cluster;
    if (vote === 'granted' && mayStay) this.debts.release(entry);
  }

  #count(entry: LedgerEntry, more: number): void {
    entry.releasing += more;
    this.#releasing += more;
  }
}
