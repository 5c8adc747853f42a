import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AcquireOptions, LockMode, RedlockOptions } from 'redlock-core';
import { type Deployment, pace } from 'test-kit';

const PROGRAM = fileURLToPath(new URL('../programs/sharer.js', import.meta.url));
const TTL = 60_000;
/** What wakes a waiter is no poll. */
const PATIENT: RedlockOptions = {
  nodeTimeout: pace.patient,
  wait: 2 * pace.limit,
  retryDelay: 10 * pace.limit,
  retryJitter: 0,
};

interface Wish extends Pick<AcquireOptions, 'autoExtend'> {
  readonly ttl?: number;
}

/** A process that takes the lock of one record, in either mode. */
export class Sharer {
  readonly #child: ChildProcess;
  #count = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when it is connected to all nodes. */
  static async start(deployment: Deployment, options: RedlockOptions = {}): Promise<Sharer> {
    const ports = deployment.nodes.map(({ server }) => String(server.port));
    const child = fork(PROGRAM, [JSON.stringify({ ...PATIENT, ...options }), ...ports], {
      execArgv: [],
    });
    // Each answer that is awaited is a listener.
    child.setMaxListeners(0);
    deployment.defer(() => child.kill('SIGKILL'));
    const sharer = new Sharer(child);
    await sharer.#ask('connect', {});
    return sharer;
  }

  async acquire(mode: LockMode, wish: Wish = {}): Promise<void> {
    await this.#ask('acquire', { mode, ttl: TTL, ...wish });
  }

  /** @returns whether the lock was granted */
  async tryAcquire(mode: LockMode): Promise<boolean> {
    return (await this.#ask('tryAcquire', { mode, ttl: TTL })) === true;
  }

  /** @returns whether a quorum confirmed it */
  async release(): Promise<boolean> {
    return (await this.#ask('release', {})) === true;
  }

  /** Resolves when the process is no more. */
  async kill(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  #ask(deed: string, input: object): Promise<unknown> {
    const number = ++this.#count;
    const answer = new Promise((resolve) => {
      const listen = (message: { readonly number: number; readonly result: unknown }): void => {
        if (message.number !== number) return;
        this.#child.off('message', listen);
        resolve(message.result);
      };
      this.#child.on('message', listen);
    });
    this.#child.send({ number, deed, input });
    return answer;
  }
}
