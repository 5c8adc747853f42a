import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExitGuard } from './exit-guard.js';
import { freePort, giveBackPort } from './free-port.js';
import { LogTail } from './log-tail.js';
import { answersPing } from './ping.js';
import { redisArguments, sentinelArguments } from './redis-arguments.js';
import type { RedisServer, ServerOptions, StartOptions } from './redis-server.js';

const PORT_ATTEMPTS = 10;
const CLEANUP = '[ -z "$line" ] || kill -9 "$line"; rm -rf "$1"';

/** A server that is a child process of this one. */
export class ProcessServer implements RedisServer {
  readonly host = '127.0.0.1';
  readonly name: string;
  readonly port: number;
  readonly #binary: string;
  readonly #options: ServerOptions;
  readonly #directory: string;
  readonly #guard: ExitGuard;
  #child: ChildProcess | null = null;
  #closed = false;

  private constructor(
    name: string,
    port: number,
    binary: string,
    options: ServerOptions,
    directory: string,
  ) {
    this.name = name;
    this.port = port;
    this.#binary = binary;
    this.#options = options;
    this.#directory = directory;
    this.#guard = new ExitGuard(CLEANUP, [directory]);
  }

  /** A running server on a port of its own. */
  static async launch(
    name: string,
    binary: string,
    options: ServerOptions = {},
    attempts = PORT_ATTEMPTS,
  ): Promise<ProcessServer> {
    const port = await freePort();
    const directory = await mkdtemp(join(tmpdir(), 'redlock-test-kit-'));
    const server = new ProcessServer(name, port, binary, options, directory);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.close();
      const lostPort = String(error).includes('Address already in use');
      if (!lostPort || attempts <= 1) throw error;
    }
    return ProcessServer.launch(name, binary, options, attempts - 1);
  }

  async start({ empty = false }: StartOptions = {}): Promise<void> {
    await this.kill();
    if (empty) await rm(this.#directory, { recursive: true, force: true });
    await mkdir(this.#directory, { recursive: true });
    const args = await this.#arguments();
    if (this.#closed) throw new Error(`${this.name} is closed`);
    const child = spawn(
      this.#binary,
      args,
      // Its own process group: the guard ends it, not Ctrl+C in a terminal, so that the program
      // can still talk to it while it shuts down.
      { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    const log = new LogTail(child.stdout, child.stderr);
    const ended = new AbortController();
    child.once('error', (error) => {
      ended.abort(new Error(`Cannot run ${this.#binary}`, { cause: error }));
    });
    // 'close', not 'exit': by then the log is complete.
    child.once('close', () => {
      ended.abort(new Error(`${this.name} (port ${this.port}) ended:\n${log.text()}`));
    });
    if (child.pid === undefined) {
      await once(child, 'close');
      throw ended.signal.reason;
    }
    this.#adopt(child, child.pid);
    await answersPing({ port: this.port, pid: child.pid, signal: ended.signal });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  async pause(): Promise<void> {
    const pid = this.#running();
    process.kill(pid, 'SIGSTOP');
    await isStopped(pid);
  }

  resume(): Promise<void> {
    process.kill(this.#running(), 'SIGCONT');
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.kill();
    await this.#guard.close();
    giveBackPort(this.port);
  }

  async #arguments(): Promise<readonly string[]> {
    const { config, sentinel } = this.#options;
    if (!sentinel) return redisArguments(this.port, this.#directory, config);
    // It keeps there what it has learnt, and wants the file to exist.
    const file = join(this.#directory, 'sentinel.conf');
    await writeFile(file, '', { flag: 'a' });
    return sentinelArguments(file, this.port, this.#directory);
  }

  /** Its process id: `kill` of a ChildProcess sends one signal only on Deno. */
  #running(): number {
    if (this.#child?.pid === undefined) throw new Error(`${this.name} is not running`);
    return this.#child.pid;
  }

  #adopt(child: ChildProcess, pid: number): void {
    this.#child = child;
    this.#guard.tell(String(pid));
    child.once('exit', () => {
      this.#child = null;
      // The process id is free for others now.
      this.#guard.tell('');
    });
  }
}

/** A signal arrives when it does: waits, where /proc can tell, until the process stands still. */
async function isStopped(pid: number): Promise<void> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  const state = stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
  if (state === '' || state === 'T' || state === 't') return;
  await sleep(1);
  return isStopped(pid);
}
