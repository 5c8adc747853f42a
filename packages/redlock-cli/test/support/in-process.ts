import { EventEmitter } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Deployment, until } from 'test-kit';
import { Io } from '../../src/io.js';
import { runProgram } from '../../src/cli.js';
import { urlsOf } from './program.js';

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the program in this process, whose stdout and stderr are files. */
export class Run {
  readonly ended: Promise<Result>;
  readonly #signals = new EventEmitter();
  readonly #folder = mkdtempSync(join(tmpdir(), 'redlock-cli-'));

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.ended = this.#run(args, { PATH: process.env['PATH'], ...env });
  }

  get stderr(): string {
    return this.#read('stderr');
  }

  kill(signal: NodeJS.Signals): void {
    this.#signals.emit(signal, signal);
  }

  /** Resolves when stderr has this text. */
  async logs(text: string): Promise<void> {
    await until(`stderr has ${text}`, () => this.stderr.includes(text));
  }

  async #run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Result> {
    const descriptors = [
      openSync('/dev/null', 'r'),
      openSync(join(this.#folder, 'stdout'), 'a'),
      openSync(join(this.#folder, 'stderr'), 'a'),
    ] as const;
    try {
      const code = await runProgram(args, new Io(env, this.#signals, descriptors));
      return { code, stdout: this.#read('stdout'), stderr: this.stderr };
    } finally {
      for (const descriptor of descriptors) closeSync(descriptor);
      rmSync(this.#folder, { recursive: true });
    }
  }

  #read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8');
  }
}

/** Starts the program in this process, on the nodes of a deployment. */
export function start(deployment: Deployment, ...args: readonly string[]): Run {
  return new Run(args, { REDLOCK_NODES: urlsOf(deployment) });
}

/** Runs the program in this process to its end, on the nodes of a deployment. */
export function runToEnd(deployment: Deployment, ...args: readonly string[]): Promise<Result> {
  return start(deployment, ...args).ended;
}

/** Runs the program in this process to its end, without nodes. */
export function runAlone(...args: readonly string[]): Promise<Result> {
  return new Run(args, {}).ended;
}
