import { afterEach } from '@jest/globals';
import Redlock4 from 'redlock-4';
import Redlock5 from 'redlock-5';
import Redlock, { type Client, type Settings } from '../../src/index.js';
import RedlockV4, { type Options } from '../../src/v4.js';
import { type ClientOptions, type Deployment, isReady, type Major } from 'test-kit';
import type { Fleet } from './fleet.js';

/** A ttl that outlasts every test. */
export const TTL = 60_000;

/** Connected clients of all nodes. The clients of ioredis 5 have the type of those of ioredis 6. */
export async function openClients(
  deployment: Deployment,
  major: Major = 6,
  options?: ClientOptions,
): Promise<Client[]> {
  const clients = deployment.nodes.map((_, index) => deployment.client(major, index, options));
  await Promise.all(clients.map((client) => isReady(client)));
  return clients as Client[];
}

/** A Redlock as of redlock 5, with clients of its own. */
export async function openV5(
  deployment: Deployment,
  settings?: Partial<Settings>,
  major?: Major,
): Promise<Redlock> {
  const redlock = new Redlock(await openClients(deployment, major), settings);
  deployment.defer(() => redlock.quit().catch(() => {}));
  return redlock;
}

/** A Redlock as of redlock 4, with clients of its own. */
export async function openV4(
  deployment: Deployment,
  options?: Options,
  major?: Major,
): Promise<RedlockV4> {
  const redlock = new RedlockV4(await openClients(deployment, major), options);
  deployment.defer(() => redlock.quit().catch(() => {}));
  return redlock;
}

/** The real redlock 5. */
export async function openTheir5(deployment: Deployment): Promise<Redlock5> {
  return new Redlock5(await openClients(deployment), { retryDelay: 20 });
}

/** The real redlock 4. */
export async function openTheir4(deployment: Deployment): Promise<Redlock4> {
  const redlock = new Redlock4(await openClients(deployment), { retryDelay: 20 });
  return redlock.on('clientError', () => {});
}

const opened: { quit(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((redlock) => redlock.quit().catch(() => {})));
});

/** A Redlock as of redlock 5, on servers in memory. */
export function v5On(fleet: Fleet, settings?: Partial<Settings>): Redlock {
  const redlock = new Redlock(fleet.clients(), settings);
  opened.push(redlock);
  return redlock;
}

/** A Redlock as of redlock 4, on servers in memory. */
export function v4On(fleet: Fleet, options?: Options): RedlockV4 {
  const redlock = new RedlockV4(fleet.clients(), options);
  opened.push(redlock);
  return redlock;
}
