import type { LedgerEntry } from './ledger.js';

/** The entries of one node that are not settled: a command is unanswered, or a release is owed. */
export class UnsettledEntries {
  // Perf: time per command. A Set that is added to and deleted from at every command is rebuilt again and again; an
  // array is not.
  readonly #entries: LedgerEntry[] = [];

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

  delete(entry: LedgerEntry): void {
    if (entry.position < 0) return;
    const last = this.#entries.pop();
    if (last && last !== entry) {
      this.#entries[entry.position] = last;
      last.position = entry.position;
    }
    entry.position = -1;
  }
}
