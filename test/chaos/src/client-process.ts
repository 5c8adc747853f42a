import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ClientOrder } from './client.js';
import type { Access, Message, Notice, Reply } from './message.js';

const PROGRAM = fileURLToPath(new URL('client.js', import.meta.url));
/** In ms: what a client may take to finish its update and release its lock. */
const GRACE = 5000;

export interface Listener {
  told(client: string, notice: Notice): void;
  accessed(client: string, access: Access): Reply;
  /** It ended by itself. */
  failed(client: string, why: string): void;
}

/** A client that is a process, and after a crash another one. */
export class ClientProcess {
  readonly #name: string;
  readonly #order: Omit<ClientOrder, 'seed'>;
  readonly #seed: number;
  readonly #listener: Listener;
  #lives = 0;
  #child: ChildProcess;
  #gone: Promise<void> = Promise.resolve();
  #isWanted = true;

  constructor(name: string, order: Omit<ClientOrder, 'seed'>, seed: number, listener: Listener) {
    this.#name = name;
    this.#order = order;
    this.#seed = seed;
    this.#listener = listener;
    this.#child = this.#start();
  }

  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async crash(): Promise<void> {
    this.#isWanted = false;
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  restart(): void {
    this.#isWanted = true;
    this.#child = this.#start();
  }

  /** Lets it finish what it does. */
  async dismiss(): Promise<void> {
    this.#isWanted = false;
    if (this.#child.connected) this.#child.send('stop', () => {});
    const grace = setTimeout(() => this.#child.kill('SIGKILL'), GRACE);
    await this.#gone;
    clearTimeout(grace);
  }

  #start(): ChildProcess {
    this.#lives++;
    const order: ClientOrder = { ...this.#order, seed: this.#seed * 1000 + this.#lives };
    const child = fork(PROGRAM, [JSON.stringify(order)], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const name = this.#lives === 1 ? this.#name : `${this.#name} (process ${this.#lives})`;
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.on('message', (message: Message) => this.#heard(name, child, message));
    this.#gone = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve();
        if (!this.#isWanted) return;
        this.#listener.failed(name, `it ended with ${signal ?? `status ${code}`}\n${complaint}`);
      });
    });
    return child;
  }

  #heard(name: string, child: ChildProcess, message: Message): void {
    if (message.kind !== 'access') {
      this.#listener.told(name, message);
      return;
    }
    const reply = this.#listener.accessed(name, message.access);
    // One that was just killed does not read it.
    if (child.connected) child.send(reply, () => {});
  }
}
