import type { Redis } from 'ioredis';
import { type Deployment, until } from 'test-kit';
import { connect, type Address, type ClientOptions } from './clients.js';
import type { Library, Locker } from './library.js';
import type { LibraryName } from './packages.js';

/** The servers of one trial and one library. */
export class Stage {
  readonly name: LibraryName;
  readonly library: Library;
  readonly deployment: Deployment;

  constructor(name: LibraryName, library: Library, deployment: Deployment) {
    this.name = name;
    this.library = library;
    this.deployment = deployment;
  }

  /** How the nodes are reached through their proxies. */
  get proxies(): readonly Address[] {
    return this.deployment.nodes.map(({ proxy: { host, port } }) => ({ host, port }));
  }

  get servers(): readonly Address[] {
    return this.deployment.nodes.map(({ server: { host, port } }) => ({ host, port }));
  }

  /** The library over connected clients of its own, which has taken and released a lock. */
  async locker(nodes = this.proxies, options: ClientOptions = {}): Promise<Locker> {
    return (await this.lockerAndClients(nodes, options)).locker;
  }

  async lockerAndClients(
    nodes = this.proxies,
    options: ClientOptions = {},
  ): Promise<{ locker: Locker; clients: readonly Redis[] }> {
    const clients = await connect(nodes, options);
    const { commandTimeout } = options;
    const locker = this.library.open(
      clients,
      commandTimeout === undefined ? {} : { nodeTimeout: commandTimeout },
    );
    this.deployment.defer(async () => {
      await locker.close?.();
      for (const client of clients) client.disconnect();
    });
    const warmUp = await locker.acquire(`warm-up:${Math.random()}`, 10_000, 'once');
    await warmUp.release();
    return { locker, clients };
  }

  /** The values of a resource's key on the nodes. */
  values(resource: string): Promise<(string | null)[]> {
    return this.deployment.values(this.library.keyOf(resource));
  }

  /** A call may resolve before the last node has been granted the lock. */
  async isEverywhere(resource: string): Promise<void> {
    await until(
      'all nodes have the key',
      async () => !(await this.values(resource)).includes(null),
    );
  }

  /** Somebody else takes the resource on some nodes, whoever had it. */
  async takeAway(resource: string, nodes = this.deployment.nodes): Promise<void> {
    const key = this.library.keyOf(resource);
    await Promise.all(nodes.map(({ probe }) => probe.set(key, OTHER, 'PX', 60_000)));
  }
}

/** The value of a holder that is not the library. */
export const OTHER = 'somebody-else';
