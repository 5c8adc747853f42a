import type { Program } from '../protocol/program.js';
import type { Connection } from './connection.js';

/**
 * The programs that the server behind the current connection knows by their digests, because it has run them. The
 * server behind a new connection may be another one. Until it has run a program, the whole program is sent: to ask first
 * would cost a round trip.
 */
export class KnownPrograms {
  readonly #connection: Connection;
  readonly #programs = new Set<Program>();
  /** The number of the connection on which they were run. */
  #number = -1;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  has(program: Program): boolean {
    return this.#number === this.#connection.number && this.#programs.has(program);
  }

  /** @param connection the number of the connection on which the program was run */
  add(program: Program, connection: number): void {
    if (connection !== this.#connection.number) return;
    if (connection !== this.#number) this.#programs.clear();
    this.#number = connection;
    this.#programs.add(program);
  }

  /** The server says that it does not know a program. */
  delete(program: Program): void {
    this.#programs.delete(program);
  }
}
