import { release } from '../../protocol/operation.js';
import type { Runtime } from '../../time/runtime.js';
import type { GuardedNode } from '../guarded-node.js';
import { Round } from '../round.js';
import { Backoff } from './backoff.js';
import type { LedgerEntry } from './ledger.js';
import type { UnsettledEntries } from './unsettled-entries.js';

/** Sends what clean-up asks for, and learns what becomes of it. */
export interface CleanUpOwner {
  /** Asks the node for a release. Called only while the node is ready. */
  ask(round: Round): void;
  /** Releases are not owed any more, because their keys have expired by themselves. */
  forgiven(): void;
}

/** The releases that one node is owed. A claim is owed one at most. */
export class Debts {
  readonly #entries: UnsettledEntries;
  readonly #node: GuardedNode;
  readonly #runtime: Runtime;
  readonly #owner: CleanUpOwner;
  readonly #backoff: Backoff;
  #count = 0;
  /**
   * The server has answered the latest release with an error. While that is so, one release is tried after each pause,
   * and the others wait.
   */
  #refused = false;

  constructor(entries: UnsettledEntries, node: GuardedNode, runtime: Runtime, owner: CleanUpOwner) {
    this.#entries = entries;
    this.#node = node;
    this.#runtime = runtime;
    this.#owner = owner;
    this.#backoff = new Backoff(runtime, () => this.#tryAgain());
  }

  /** How many claims are owed a release. */
  get count(): number {
    return this.#count;
  }

  owe(entry: LedgerEntry): void {
    if (!entry.owing) this.#count++;
    entry.owing = true;
    this.#entries.add(entry);
  }

  /**
   * Owes a release that failed or could not be written. One owed release is tried again after each pause, until the
   * keys that it would delete have expired, because readiness alone does not say when it can succeed: a server that
   * loads its data, runs a slow script or may not write at present answers with an error; a client may give up a
   * command on a connection that stays; an adapter may become ready without a notice.
   */
  oweInVain(entry: LedgerEntry): void {
    const { claim } = entry;
    entry.owedUntil ??= this.#runtime.now() + Math.max(claim.ttl, claim.keepFor);
    this.owe(entry);
    this.#backoff.begin();
  }

  /** The server has answered a release with an error. */
  refused(): void {
    this.#refused = true;
  }

  /** The server has executed a release, so it can execute the others. */
  paid(entry: LedgerEntry): void {
    this.#forgive(entry);
    this.payable();
    if (this.#count > 0) this.pay();
  }

  /** A release was executed, or can be executed on a new connection, so none needs to wait. */
  payable(): void {
    this.#backoff.end();
    this.#refused = false;
  }

  /**
   * Asks for releases that are owed, unless the server has just refused one.
   * @param most for this many claims at most
   */
  pay(most = Infinity): void {
    if (!this.#refused) this.#pay(most);
  }

  /** Asks for a release, or owes it while the node is not ready. */
  release(entry: LedgerEntry): void {
    if (!this.#node.ready) {
      this.oweInVain(entry);
      return;
    }
    const operation = release(entry.claim, Infinity, { again: entry.released });
    this.#owner.ask(new Round(operation, this.#runtime.now(), () => false));
  }

  #pay(most: number): void {
    let left = Math.min(most, this.#count);
    for (const entry of this.#entries) {
      if (left === 0) return;
      if (!entry.owing || entry.releasing > 0) continue;
      this.release(entry);
      left--;
    }
  }

  #forgive(entry: LedgerEntry): void {
    if (entry.owing) this.#count--;
    entry.owing = false;
  }

  #tryAgain(): void {
    const now = this.#runtime.now();
    const over = [...this.#entries].filter(
      ({ owing, owedUntil }) => owing && owedUntil !== null && now >= owedUntil,
    );
    for (const entry of over) {
      this.#forgive(entry);
      this.#entries.settleIfDone(entry);
    }
    if (over.length > 0) this.#owner.forgiven();
    if (this.#count === 0) this.payable();
    else if (this.#node.ready) this.#pay(1);
    else this.#backoff.begin();
  }
}
