import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type DeploymentOptions, until } from 'test-kit';
import { Fleet } from '../fleet.js';
import { type ClientOptions, disconnectAll, ioredisClients } from '../libraries/clients.js';
import {
  type Address,
  type Library,
  type Locker,
  type Patience,
  PREFIX,
} from '../libraries/library.js';
import type { Outcome } from './outcome.js';

/** A fault, or a use, with something to see. */
export interface Trial {
  /** On the command line. */
  readonly key: string;
  /** In the table. */
  readonly name: string;
  /** For the page: what is done and what is watched. */
  readonly procedure: string;
  readonly nodes: number;
  readonly servers?: DeploymentOptions;
  run(stage: Stage): Promise<Outcome>;
}

/** Runs a trial on its own servers. */
export async function runTrial(trial: Trial, library: Library): Promise<Outcome> {
  await using fleet = await Fleet.start(trial.nodes, trial.servers);
  return await trial.run(new Stage(fleet, library));
}

/** The resource whose keys a trial looks at: all libraries mean the same key. */
export const RESOURCE = `${PREFIX}trial`;

interface LockerOptions extends ClientOptions {
  /** By default the proxies. */
  readonly nodes?: readonly Address[];
  /** By default one attempt. */
  readonly patience?: Patience;
}

/** The servers of one trial and one library. */
export class Stage {
  readonly deployment: Fleet['deployment'];
  readonly #fleet: Fleet;
  readonly #library: Library;

  constructor(fleet: Fleet, library: Library) {
    this.#fleet = fleet;
    this.#library = library;
    this.deployment = fleet.deployment;
  }

  /** The library over connected clients of its own, which has taken and released a lock. */
  async locker({
    nodes = this.#fleet.proxies,
    patience = 'once',
    ...options
  }: LockerOptions = {}): Promise<Locker & { readonly clients: readonly Redis[] }> {
    const clients = await ioredisClients(nodes, options);
    const nodeTimeout = options.commandTimeout;
    const locker = await this.#library(clients, { patience, nodeTimeout });
    this.deployment.defer(async () => {
      await locker.close?.();
      disconnectAll(clients);
    });
    const warmUp = await locker.acquire(`warm-up:${Math.random()}`, 10_000);
    await warmUp.release();
    return { ...locker, clients };
  }

  isFree(): Promise<boolean> {
    return this.deployment.isGone(RESOURCE);
  }

  /** A call may resolve before the last node has granted the lock. */
  async isEverywhere(): Promise<void> {
    await until(
      'all nodes have the key',
      async () => !(await this.deployment.values(RESOURCE)).includes(null),
    );
  }

  /** Another holder takes a resource on some nodes, regardless of its holder. */
  async takeAway(resource = RESOURCE, nodes = this.deployment.nodes): Promise<void> {
    await Promise.all(nodes.map(({ probe }) => probe.set(resource, 'other', 'PX', 60_000)));
  }
}

/** After this many ms a call counts as one that gives no answer. */
const LIMIT = 10_000;

/** What became of a call, and after how many ms. */
type Answer<T> = { readonly ms: number } & (
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'none' }
);

export async function answerOf<T>(call: () => PromiseLike<T>): Promise<Answer<T>> {
  const start = performance.now();
  const passed = (): number => performance.now() - start;
  const done = new AbortController();
  const result = (async (): Promise<Answer<T>> => {
    try {
      const value = await call();
      return { kind: 'value', value, ms: passed() };
    } catch (error) {
      return { kind: 'error', error, ms: passed() };
    }
  })();
  const late = sleep(LIMIT, undefined, { signal: done.signal }).then(
    (): Answer<T> => ({ kind: 'none', ms: passed() }),
    () => result,
  );
  const answer = await Promise.race([result, late]);
  done.abort();
  return answer;
}
