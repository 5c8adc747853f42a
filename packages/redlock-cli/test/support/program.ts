import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Deployment, until } from 'test-kit';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The binary, without a terminal: in a session of its own, wherever the tests run. */
export class Program {
  /** Resolves when the binary, and whatever else can write to its output, has ended. */
  readonly ended: Promise<Ending>;
  stdout = '';
  stderr = '';
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;

  constructor(args: readonly string[], nodes: string) {
    this.#process = spawn(process.execPath, [MAIN, ...args], {
      detached: true,
      stdio: 'pipe',
      env: { ...process.env, REDLOCK_NODES: nodes },
    });
    const { stdout, stderr, stdin } = this.#process;
    stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    stdin.on('error', () => {});
    this.ended = this.#end();
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  get stdin(): Writable {
    return this.#process.stdin;
  }

  /** Sends a signal to the binary alone. */
  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves when stderr has this text. */
  async logs(text: string): Promise<void> {
    await until(`stderr has ${text}`, () => this.stderr.includes(text));
  }

  /** Whether what the binary and its command write is read. */
  read(isRead: boolean): void {
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (isRead) stream.resume();
      else stream.pause();
    }
  }

  async #end(): Promise<Ending> {
    const [code, signal] = (await once(this.#process, 'close')) as [
      number | null,
      NodeJS.Signals | null,
    ];
    return { code, signal, stdout: this.stdout, stderr: this.stderr };
  }
}

/** The URLs of the nodes of a deployment, through their proxies. */
export function urlsOf(deployment: Deployment): string {
  return deployment.nodes.map(({ proxy }) => `redis://127.0.0.1:${proxy.port}`).join(',');
}

/** Starts the binary as a process on the nodes of a deployment, and kills it at the end of the test. */
export function launch(deployment: Deployment, ...args: readonly string[]): Program {
  const program = new Program(args, urlsOf(deployment));
  deployment.defer(() => program.kill('SIGKILL'));
  return program;
}
