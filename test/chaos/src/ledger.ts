import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import type { LedgerAccess, Reply } from './message.js';

export interface Entry {
  readonly token: number;
  readonly client: string;
  readonly balance: number;
}

/**
 * A file of entries, each with a balance one above the one before, if nobody's update was lost. It
 * fences: who comes with a lower token than the highest it has seen is refused. Its keeper alone touches
 * it, since looking at the token and writing must be one step; it does not compare balances.
 *
 * Reading raises the fence as well. If it did not, a late holder could write after its successor has
 * read, with the lower token being still the highest written, and the successor would write over it.
 */
export class Ledger {
  readonly #path: string;
  #fence = 0;
  #balance = 0;

  constructor(path: string) {
    this.#path = path;
    writeFileSync(path, '');
  }

  access(client: string, access: LedgerAccess): Reply {
    const admitted = access.token >= this.#fence;
    if (admitted) {
      this.#fence = access.token;
      if (access.kind === 'write') this.#append(client, access.token, access.balance);
    }
    return { admitted, late: false, value: this.#balance };
  }

  /** What the file says. */
  entries(): Entry[] {
    const lines = readFileSync(this.#path, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => {
      const [token, client = '', balance] = line.split('\t');
      return { token: Number(token), client, balance: Number(balance) };
    });
  }

  #append(client: string, token: number, balance: number): void {
    appendFileSync(this.#path, `${token}\t${client}\t${balance}\n`);
    this.#balance = balance;
  }
}
