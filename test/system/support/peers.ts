import { Redis } from 'ioredis';
import { RedlockMutex } from 'redis-semaphore';
import Redlock4 from 'redlock-4';
import Redlock5 from 'redlock-5';
import { type Deployment, isReady } from 'test-kit';

/** Releases a lock of another library. */
type Release = () => PromiseLike<unknown>;

/** Another library that locks on the same nodes. */
export interface Peer {
  /** Null when somebody else holds the resource. */
  tryAcquire(resource: string, ttl: number): Promise<Release | null>;
  /** Tries until it is granted. */
  acquire(resource: string, ttl: number): Promise<Release>;
}

export interface PeerKind {
  readonly library: string;
  /** The `keyPrefix` with which we lock the same keys. */
  readonly keyPrefix: string;
  open(clients: readonly Redis[]): Peer;
}

export const redlock5: PeerKind = {
  library: 'redlock 5 beta',
  keyPrefix: '',
  open(clients) {
    const redlock = new Redlock5(clients);
    return {
      tryAcquire: (resource, ttl) => orNull(lock(resource, ttl, 0), 'ExecutionError'),
      acquire: (resource, ttl) => lock(resource, ttl, -1),
    };
    async function lock(resource: string, ttl: number, retryCount: number): Promise<Release> {
      const held = await redlock.acquire([resource], ttl, { retryCount });
      return () => held.release();
    }
  },
};

const redlock4: PeerKind = {
  library: 'redlock 4',
  keyPrefix: '',
  open(clients) {
    return {
      tryAcquire: (resource, ttl) => orNull(lock(resource, ttl, 0), 'LockError'),
      acquire: (resource, ttl) => lock(resource, ttl, -1),
    };
    async function lock(resource: string, ttl: number, retryCount: number): Promise<Release> {
      // Of each call it takes only another number than 0.
      const redlock = new Redlock4(clients, { retryCount }).on('clientError', () => {});
      const held = await redlock.lock(resource, ttl);
      return () => held.unlock();
    }
  },
};

const redisSemaphore: PeerKind = {
  library: "redis-semaphore's RedlockMutex",
  keyPrefix: 'mutex:',
  open(clients) {
    return {
      tryAcquire: (resource, ttl) => orNull(lock(resource, ttl, 1), 'TimeoutError'),
      acquire: (resource, ttl) => lock(resource, ttl, Infinity),
    };
    async function lock(resource: string, ttl: number, attempts: number): Promise<Release> {
      const mutex = new RedlockMutex([...clients], resource, {
        lockTimeout: ttl,
        acquireTimeout: Infinity,
        acquireAttemptsLimit: attempts,
        retryInterval: 20,
      });
      await mutex.acquire();
      return () => mutex.release();
    }
  },
};

export const peerKinds: readonly PeerKind[] = [redlock5, redlock4, redisSemaphore];

/** Another library over connected clients of its own. */
export async function openPeer(deployment: Deployment, kind: PeerKind): Promise<Peer> {
  const clients = deployment.nodes.map(({ proxy: { host, port } }) => new Redis({ host, port }));
  for (const client of clients) deployment.defer(() => client.disconnect());
  await Promise.all(clients.map((client) => isReady(client)));
  return kind.open(clients);
}

/** What they reject with when somebody else has the lock. */
async function orNull(locking: Promise<Release>, name: string): Promise<Release | null> {
  try {
    return await locking;
  } catch (error) {
    if (error instanceof Error && error.constructor.name === name) return null;
    throw error;
  }
}
