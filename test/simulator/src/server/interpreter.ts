import { findProgram, isNativeGrant, type Program } from '../core.js';

/** Which commands a server takes, and which it answers with an error. */
export class Interpreter {
  readonly #isOld: boolean;
  readonly #programs = new Set<Program>();
  /** What it answers to every command that writes, for the time being. */
  #refusal: string | null = null;

  /** @param isOld whether the server is older than the native form of a grant */
  constructor(isOld: boolean) {
    this.#isOld = isOld;
  }

  get isRefusing(): boolean {
    return this.#refusal !== null;
  }

  refuse(error: string): void {
    this.#refusal = error;
  }

  comply(): void {
    this.#refusal = null;
  }

  /** The server has restarted. */
  forgetPrograms(): void {
    this.#programs.clear();
  }

  /** @returns the error with which a command that writes is answered; null: the command is executed */
  errorOf(command: readonly string[]): string | null {
    const [name = '', code = ''] = command;
    switch (name.toLowerCase()) {
      case 'evalsha':
        return this.#refusal ?? (this.#knows(code) ? null : 'NOSCRIPT No matching script.');
      case 'eval':
        return this.#learn(code);
      case 'set':
        return this.#isOld || !isNativeGrant(command) ? 'ERR syntax error' : this.#refusal;
      default:
        return `ERR unknown command ${name}`;
    }
  }

  #knows(code: string): boolean {
    const program = findProgram(code);
    return program !== undefined && this.#programs.has(program);
  }

  #learn(code: string): string | null {
    const program = findProgram(code);
    if (!program) return 'ERR not the script of redlock-core';
    if (this.#refusal === null) this.#programs.add(program);
    return this.#refusal;
  }
}
