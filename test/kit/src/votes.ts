import type { Redlock } from 'redlock-core';

/** Acquires and releases a lock, and waits for the votes of all nodes: then the Redlock has seen all servers. */
export async function lockOnAll(redlock: Redlock, resource: string, ttl: number): Promise<void> {
  let voted!: () => void;
  const all = new Promise<void>((resolve) => (voted = resolve));
  const lock = await redlock.acquire(resource, ttl, { onVotes: voted });
  await all;
  await lock.release();
}
