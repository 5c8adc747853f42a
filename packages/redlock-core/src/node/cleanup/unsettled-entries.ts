import { settle, type LedgerEntry } from './ledger.js';

/** The entries of one node that are not settled: a command is unanswered, or a release is owed. */
export class UnsettledEntries {
  // Perf: time per command. A Set that is added to and deleted from at every command is rebuilt again and again; an
  // array is not.
  readonly #entries: LedgerEntry[] = [];
  readonly #node: number;

  /** @param node the node's position */
  constructor(node: number) {
    this.#node = node;
  }

  get size(): number {
    return this.#entries.length;
  }

  [Symbol.iterator](): Iterator<LedgerEntry> {
    return this.#entries.values();
  }

  add(entry: LedgerEntry): void {
    if (entry.position >= 0) return;
    entry.position = this.#entries.push(entry) - 1;
  }

  settleIfDone(entry: LedgerEntry): void {
    const { claim } = entry;
    const willOwe = claim.over && entry.unanswered !== null;
    if (entry.open > 0 || entry.owing || willOwe) return;
    this.#delete(entry);
    // Perf: memory of locks that are held for long. Of a node with nothing open, only the fact that it was written to
    // is kept.
    if (entry.releasing === 0 && entry.unanswered === null) settle(claim, this.#node);
  }

  #delete(entry: LedgerEntry): void {
    if (entry.position < 0) return;
    const last = this.#entries.pop();
    if (last && last !== entry) {
      this.#entries[entry.position] = last;
      last.position = entry.position;
    }
    entry.position = -1;
  }
}
