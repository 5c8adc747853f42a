import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import type { Address } from '../subject.js';
import { ioredisClients } from '../subjects/ioredis-clients.js';

interface Input {
  readonly nodes: readonly Address[];
  readonly ttl: number;
  readonly ms: number;
  /** Taken before it begins, and extended for as long as it can be. */
  readonly holds: string;
  /** Waited for from the beginning; null: nothing. */
  readonly wants: string | null;
}

interface Output {
  /** In ms from the beginning; null: not lost. */
  readonly lostAfter: number | null;
  /** In ms from the beginning; null: not had. */
  readonly gotAfter: number | null;
}

/** Holds one lock and waits for another's. */
export async function keepAfar({
  nodes,
  ttl,
  ms,
  holds,
  wants,
}: Input): Promise<() => Promise<Output>> {
  const clients = await ioredisClients(nodes);
  const redlock = new Redlock(clients.map((client) => ioredisNode(client)));
  const { signal } = await redlock.acquire(holds, ttl, { autoExtend: true });
  return async () => {
    const start = performance.now();
    const after = (): number => performance.now() - start;
    const [lostAfter, gotAfter] = await Promise.all([
      Promise.race([sleep(ms, null), once(signal, 'abort').then(after)]),
      wants === null ? null : redlock.acquire(wants, ttl, { wait: ms }).then(after, () => null),
    ]);
    return { lostAfter, gotAfter };
  };
}
