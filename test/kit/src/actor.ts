import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AcquireOptions, RedlockOptions } from 'redlock-core';
import type { Deployment } from './deployment.js';
import { pace } from './pace.js';

const PROGRAM = fileURLToPath(new URL('../dist/actor-program.js', import.meta.url));

/** What a process is started with. */
export interface ActorOrder {
  /** Ports of the servers, or URLs from which the nodes are made. */
  readonly nodes: readonly (number | string)[];
  /** Without infinities, which JSON does not have. */
  readonly options: RedlockOptions;
  /** How far its wall clock is ahead, in ms. */
  readonly ahead: number;
}

export type ActorOptions = Partial<ActorOrder> & {
  readonly env?: Readonly<Record<string, string>>;
};

type Wishes = Omit<AcquireOptions, 'signal'>;

/** A lock of another process, as that process believes in it. Times are ms of the machine's clock. */
export interface ActorLock {
  /** The process's number of it. */
  readonly hold: number;
  readonly token: string;
  readonly fencingToken: number;
  readonly permit: number | null;
  readonly at: number;
  readonly until: number;
}

export interface ActorEvent {
  readonly event: 'extended' | 'lost' | 'contended';
  /** Null for an event without a lock. */
  readonly hold: number | null;
  /** Why a lock was lost. */
  readonly code: string | null;
  readonly at: number;
}

export interface Request {
  readonly id: number;
  readonly deed: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export type Message =
  | ActorEvent
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: Readonly<Record<string, unknown>> };

/** A process with a Redlock of its own, over the built packages, which locks as it is told to. */
export class Actor {
  /** What happened to its locks. */
  readonly events: ActorEvent[] = [];
  /** Resolves to the exit code; to null if a signal ended the process. */
  readonly exit: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, (reply: Message) => void>();
  #requests = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.exit = once(child, 'exit').then(([code]) => code as number | null);
    child.on('message', (message: Message) => {
      if ('event' in message) this.events.push(message);
      else this.#pending.get(message.id)?.(message);
    });
  }

  /** Starts a process that is killed with the deployment; resolves when it can reach the nodes. */
  static async start(deployment: Deployment, options: ActorOptions = {}): Promise<Actor> {
    const actor = Actor.spawn(deployment, options);
    await actor.ask('connect');
    return actor;
  }

  /** Starts a process that may not be able to reach its nodes. */
  static spawn(
    deployment: Deployment,
    {
      env,
      ahead = 0,
      nodes = deployment.nodes.map(({ server }) => server.port),
      options,
    }: ActorOptions,
  ): Actor {
    const patience = { nodeTimeout: pace.patient, wait: 2 * pace.limit };
    const order: ActorOrder = { nodes, ahead, options: { ...patience, ...options } };
    const child = fork(PROGRAM, [JSON.stringify(order)], {
      execArgv: [],
      env: { ...process.env, ...env },
    });
    deployment.defer(() => child.kill('SIGKILL'));
    return new Actor(child);
  }

  acquire(resources: string | readonly string[], ttl: number, wishes: Wishes = {}) {
    return this.ask<ActorLock>('acquire', { resources, ttl, wishes });
  }

  tryAcquire(resources: string | readonly string[], ttl: number, wishes: Wishes = {}) {
    return this.ask<ActorLock | null>('tryAcquire', { resources, ttl, wishes });
  }

  /** Leads in an election. */
  campaign(name: string, ttl: number) {
    return this.ask<ActorLock>('campaign', { name, ttl });
  }

  /** Takes one permit of a semaphore. */
  permit(name: string, permits: number, ttl: number) {
    return this.ask<ActorLock>('permit', { name, permits, ttl });
  }

  extend({ hold }: ActorLock, ttl?: number) {
    return this.ask<ActorLock>('extend', { hold, ttl });
  }

  release({ hold }: ActorLock) {
    return this.ask<boolean>('release', { hold });
  }

  /** Closes its clients; resolves to the code with which the process then exits by itself. */
  async leave(): Promise<number | null> {
    void this.ask('leave');
    return this.exit;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit;
  }

  /** Stops the process: it does nothing more, and its connections stay open. */
  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  /** Rejects with what the process's call was rejected with, as plain data of an error. */
  async ask<T>(deed: string, args: Request['args'] = {}): Promise<T> {
    const id = ++this.#requests;
    const reply = await new Promise<Message>((resolve) => {
      this.#pending.set(id, resolve);
      this.#child.send({ id, deed, args } satisfies Request, () => {});
    });
    this.#pending.delete(id);
    if ('error' in reply) throw Object.assign(new Error(), reply.error);
    return ('value' in reply ? reply.value : null) as T;
  }
}
