import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { pace, until } from 'test-kit';

/** Where a server can be reached, or a proxy in front of it. */
interface Address {
  readonly host: string;
  readonly port: number;
}

/** A built example that runs as a process of its own, until the end of the test at the latest. */
export class Program implements AsyncDisposable {
  /** All that it has printed. */
  out = '';
  errors = '';
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exit: Promise<unknown[]>;

  /** @param path of the built file, from `examples/dist` */
  constructor(path: string, env: NodeJS.ProcessEnv, ...args: readonly string[]) {
    const file = fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));
    this.#child = spawn(process.execPath, [file, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = once(this.#child, 'close');
    this.#child.stdout.on('data', (data) => (this.out += String(data)));
    this.#child.stderr.on('data', (data) => (this.errors += String(data)));
  }

  /** Resolves when it has printed this, so many times. */
  async printed(text: string, times = 1): Promise<void> {
    await until(`it prints ${text}`, () => this.count(text) >= times).catch((cause: unknown) => {
      throw new Error(`It has printed ${this.out}${this.errors}`, { cause });
    });
  }

  count(text: string): number {
    return this.out.split(text).length - 1;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** @returns the exit code, or the signal that ended it */
  async ended(): Promise<unknown> {
    const [code, signal] = await this.#exit;
    return code ?? signal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL');
    await this.#exit;
  }
}

/** What tells an example where its nodes are, and to be patient with them. */
export function variablesOf(servers: readonly Address[]): NodeJS.ProcessEnv {
  return { REDLOCK_NODES: urlsOf(servers).join(), REDIS_TIMEOUT: String(pace.patient) };
}

/** The same with nodes away, so many that the others are no quorum. */
export function withMostAway(servers: readonly Address[]): NodeJS.ProcessEnv {
  const urls = urlsOf(servers).map((url, index) =>
    // Nothing can listen on this port. Nodes are told apart by their addresses.
    index * 2 < servers.length ? `redis://127.0.0.${index + 1}:1` : url,
  );
  return { REDLOCK_NODES: urls.join(), REDIS_TIMEOUT: String(pace.hasty) };
}

function urlsOf(servers: readonly Address[]): string[] {
  return servers.map(({ host, port }) => `redis://${host}:${port}`);
}
