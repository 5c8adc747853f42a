import pty from '@lydell/node-pty';
import { until } from 'test-kit';
import { MAIN } from './program.js';

export const CTRL_C = '\u0003';
export const CTRL_Z = '\u001A';

/** A shell with job control in a terminal of its own, as an interactive user has it. */
export class Terminal implements AsyncDisposable {
  #shown = '';
  readonly #shell: pty.IPty;
  readonly #left: Promise<void>;

  constructor(nodes: string) {
    const env = { ...process.env, REDLOCK_NODES: nodes, PS1: '$ ', ENV: '' };
    this.#shell = pty.spawn('sh', ['-im'], { env, cols: 200 });
    this.#shell.onData((text) => (this.#shown += text));
    this.#left = new Promise((resolve) => this.#shell.onExit(() => resolve()));
  }

  /** Runs the binary; the shell then shows `code=` and the exit code. */
  run(...args: readonly string[]): void {
    const words = [process.execPath, MAIN, 'run', ...args].map((word) => `'${word}'`);
    this.type(`${words.join(' ')}; echo code=$?\r`);
  }

  type(text: string): void {
    this.#shell.write(text);
  }

  /** Resolves when the terminal shows something after what this has resolved to before. */
  async shows(pattern: RegExp): Promise<string> {
    let found = '';
    try {
      await until(`the terminal shows ${pattern}`, () => {
        const match = pattern.exec(this.#shown);
        if (!match) return false;
        this.#shown = this.#shown.slice(match.index + match[0].length);
        found = match[1] ?? match[0];
        return true;
      });
    } catch (cause) {
      throw new Error(`the terminal shows ${this.#shown}`, { cause });
    }
    return found;
  }

  /** Resolves to the exit code of the binary. */
  async code(): Promise<number> {
    return Number(await this.shows(/code=(\d+)/));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#shell.kill('SIGKILL');
    await this.#left;
  }
}
