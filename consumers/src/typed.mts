import { Redis } from 'ioredis';
import {
  type AcquireOptions,
  type Inspection,
  type Lock,
  LockLostError,
  QuorumError,
  Redlock,
  RedlockError,
  type RedlockOptions,
  type RedisNode,
  ResourceLockedError,
  type Vote,
} from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { ioredisNode, ioredisNodeFromUrl } from 'redlock-ioredis-adapter';

const options: RedlockOptions = { keyPrefix: 'app:', wait: 100 };
const nodes: RedisNode[] = [
  memoryNode({ name: 'memory' }),
  ioredisNode(new Redis({ lazyConnect: true }), { name: 'client', timeout: 100 }),
  ioredisNodeFromUrl('redis://localhost:6379'),
];

export async function work(): Promise<string> {
  const redlock = new Redlock(nodes, options)
    .on('lost', ({ lock, error }) => console.warn(lock.resources, error.cause.code))
    .on('nodeFailed', ({ node, error }) => console.warn(node, error.message));
  const how: AcquireOptions = { signal: AbortSignal.timeout(1000), autoExtend: true };
  const held: Lock = await redlock.acquire(['a', 'b'], 10_000, how);
  await held.extend(5000);
  const confirmed: boolean = await held.release({ keepFor: 10 });
  const tried: Lock | null = await redlock.tryAcquire('a', 1000);
  const seen: Inspection = await redlock.inspect('a');
  const result: number = await redlock.using('a', 1000, (signal, lock) =>
    signal.aborted ? 0 : lock.fencingToken,
  );
  await redlock.close();
  return [confirmed, tried?.remaining(), seen.nodes.length, result].join();
}

export function explain(error: unknown): readonly Vote[] | string {
  if (ResourceLockedError.is(error) || QuorumError.is(error)) return error.votes;
  if (LockLostError.is(error)) return error.cause.code;
  return RedlockError.is(error) ? error.code : 'unknown';
}
