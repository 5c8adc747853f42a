import { write, writeSync } from 'node:fs';
import { exitCodeOfSignal } from './exit-code.js';

/** Where signals to this process are received. */
export interface Signals {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

interface IoOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly signals: Signals;
  /** File descriptors, which the command of `redlock run` inherits. */
  readonly stdin: number;
  readonly stdout: number;
  readonly stderr: number;
}

/** What the program uses of the process that it runs in. */
export class Io {
  readonly env: NodeJS.ProcessEnv;
  readonly signals: Signals;
  /** The descriptors of stdin, stdout and stderr. */
  readonly descriptors: readonly [number, number, number];
  #written = Promise.resolve();

  constructor({ env, signals, stdin, stdout, stderr }: IoOptions) {
    this.env = env;
    this.signals = signals;
    this.descriptors = [stdin, stdout, stderr];
  }

  /**
   * Writes to stdout. Not by `process.stdout`, which would make a pipe non-blocking, also for others who write into it.
   * If the pipe has no reader any more, the process ends, as other programs do at SIGPIPE.
   */
  print(text: string): void {
    try {
      writeSync(this.descriptors[1], text);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
      process.exit(exitCodeOfSignal('SIGPIPE'));
    }
  }

  /**
   * Writes one line to stderr, because stdout belongs to the command that runs.
   *
   * Never blocks: a terminal that was halted, or a pipe without a reader, would otherwise stop the extensions, and the end
   * of a command whose lock is lost.
   */
  tell(message: string): void {
    const line = `redlock: ${message}\n`;
    this.#written = this.#written.then(
      () => new Promise((resolve) => write(this.descriptors[2], line, () => resolve())),
    );
  }

  /** Resolves when all lines so far are written. */
  allTold(): Promise<void> {
    return this.#written;
  }
}
