import type { RedisNode } from '../redis-node.js';
import { until } from './until.js';

/** Runs a script through the node; the only command with keys that the core sends. */
export function evaluate(
  node: RedisNode,
  script: string,
  key: string,
  ...args: readonly string[]
): Promise<unknown> {
  return node.call(['eval', script, '1', key, ...args]);
}

/** Resolves when the node answers, whatever it takes to connect it. */
export async function answers(node: RedisNode): Promise<void> {
  await until('the node answers', async () => {
    node.connect();
    return node.ready && (await isAnswered(node));
  });
}

/**
 * Resolves when the node has noticed that its server is away, which for some takes a command. A Cluster
 * has others.
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
