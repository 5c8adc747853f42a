import type { RedisNode } from '../redis-node.js';
import { until } from './until.js';

/** Runs a script through the node. Scripts are the only commands with keys that the core sends. */
export function evaluate(
  node: RedisNode,
  script: string,
  key: string,
  ...args: readonly string[]
): Promise<unknown> {
  return node.call(['eval', script, '1', key, ...args]);
}

/** Resolves when the node answers, and connects it if need be. */
export async function answers(node: RedisNode): Promise<void> {
  await until('the node answers', async () => {
    node.connect();
    return node.ready && (await isAnswered(node));
  });
}

/**
 * Resolves when the node has noticed that its server is away. Some clients notice it only by a command. Does not wait
 * for a Cluster, which has other servers.
 */
export async function noticesAbsence(node: RedisNode): Promise<void> {
  if (node.cluster) return;
  await until('the node is not ready', async () => {
    void isAnswered(node);
    return !node.ready;
  });
}

async function isAnswered(node: RedisNode): Promise<boolean> {
  try {
    return Number(await evaluate(node, 'return 1', '{conformance}')) === 1;
  } catch {
    return false;
  }
}
