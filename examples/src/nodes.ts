import type { RedisNode } from 'redlock-core';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';

const DOCKER = [7001, 7002, 7003, 7004, 7005].map((port) => `redis://127.0.0.1:${port}`).join();

/** The URLs of the nodes: those in REDLOCK_NODES, separated by commas, or those of the five nodes of `docker/`. */
export const urls: readonly string[] = (process.env['REDLOCK_NODES'] || DOCKER).split(',');

/** In ms, of each node: what REDIS_TIMEOUT says, for machines slower than the default is meant for. */
const timeout = Number(process.env['REDIS_TIMEOUT']) || undefined;

/** Nodes with clients of their own, which `close()` of the Redlock closes. */
export function openNodes(): RedisNode[] {
  return urls.map((url) => ioredisNodeFromUrl(url, { timeout }));
}
