import { setTimeout as sleep } from 'node:timers/promises';
import { type DeploymentOptions, until } from 'test-kit';
import type { Address } from '../libraries/clients.js';
import { type Library, type OpenLibrary, type OpenOptions, PREFIX } from '../libraries/library.js';
import { Servers } from '../servers.js';
import type { Outcome } from './verdicts.js';

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
  await using servers = await Servers.start(trial.nodes, trial.servers);
  return await trial.run(new Stage(servers, library));
}

/** The resource whose keys a trial looks at: all libraries mean the same key. */
export const RESOURCE = `${PREFIX}trial`;

interface LockerOptions extends OpenOptions {
  /** By default the proxies. */
  readonly nodes?: readonly Address[];
}

/** The servers of one trial and one library. */
export class Stage {
  readonly deployment: Servers['deployment'];
  readonly #servers: Servers;
  readonly #library: Library;

  constructor(servers: Servers, library: Library) {
    this.#servers = servers;
    this.#library = library;
    this.deployment = servers.deployment;
  }

  /** The library over its own connected clients, which has taken and released a lock. By default it tries once. */
  async locker({
    nodes = this.#servers.proxies,
    ...options
  }: LockerOptions = {}): Promise<OpenLibrary> {
    const open = await this.#library.open(nodes, { patience: 'once', ...options });
    this.deployment.defer(() => open.close());
    const warmUp = await open.acquire(`warm-up:${Math.random()}`);
    await warmUp.release();
    return open;
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
