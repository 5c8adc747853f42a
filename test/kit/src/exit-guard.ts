import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a cleanup when this process is gone, in whatever way. A shell waits for the end of its
 * input, which the kernel closes even after SIGKILL; a listener for 'exit' would miss signals,
 * and Jest gives its tests a `process` that never emits it.
 */
export class ExitGuard {
  readonly #shell: ChildProcess;
  readonly #exited: Promise<unknown>;

  /** The script finds in `$line` what it was told last, and the arguments in `$@`. */
  constructor(script: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    const loop = `line=; while read -r next; do line=$next; done; ${script}`;
    this.#shell = spawn('/bin/sh', ['-c', loop, 'exit-guard', ...args], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // Its own process group: Ctrl+C in a terminal must not reach it.
      detached: true,
      env,
    });
    this.#shell.stdin?.on('error', () => {});
    this.#exited = once(this.#shell, 'exit').catch(() => {});
  }

  tell(line: string): void {
    this.#shell.stdin?.write(`${line}\n`);
  }

  /** Runs the cleanup now and resolves when it is done. Idempotent. */
  async close(): Promise<void> {
    this.#shell.stdin?.end();
    await this.#exited;
  }
}
