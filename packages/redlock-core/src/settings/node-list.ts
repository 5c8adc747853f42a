import { requireTimeout } from './argument.js';
import type { RedisNode } from '../redis-node.js';

/** @throws TypeError if they are not nodes; RangeError if there is none, if two have one name, or for a bad timeout */
export function parseNodes(nodes: Iterable<RedisNode>): readonly RedisNode[] {
  if (typeof (nodes as Iterable<RedisNode> | undefined)?.[Symbol.iterator] !== 'function') {
    throw new TypeError('nodes must be an iterable of nodes');
  }
  const list = [...nodes];
  if (list.length === 0) throw new RangeError('A Redlock needs at least one node');
  const names = new Set<string>();
  for (const node of list as readonly (Partial<RedisNode> | null | undefined)[]) {
    if (!isNode(node)) {
      throw new TypeError(
        'A node must be made by an adapter, as in ioredisNode(client), not be a client itself',
      );
    }
    if (names.has(node.name)) {
      throw new RangeError(
        `Two nodes are named ${JSON.stringify(node.name)}; nodes are independent servers, give each its own name`,
      );
    }
    names.add(node.name);
    if (node.timeout !== undefined) requireTimeout(`timeout of node ${node.name}`, node.timeout);
  }
  return list;
}

function isNode(node: Partial<RedisNode> | null | undefined): node is RedisNode {
  return (
    typeof node?.name === 'string' &&
    node.name !== '' &&
    [node.call, node.connect, node.onReady].every((method) => typeof method === 'function')
  );
}
