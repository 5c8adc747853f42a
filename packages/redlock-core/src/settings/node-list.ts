import { requireTimeout } from './argument.js';
import type { RedisNode } from '../redis-node.js';

const METHODS = ['call', 'connect', 'onReady'] as const;

/** In a URL. */
const CREDENTIALS = /:\/\/[^/]*@/;

/** @throws TypeError if they are not nodes; RangeError if there is none, if two have one name, or for a bad timeout */
export function parseNodes(nodes: Iterable<RedisNode>): readonly RedisNode[] {
  if (typeof (nodes as Iterable<RedisNode> | undefined)?.[Symbol.iterator] !== 'function') {
    throw new TypeError('nodes must be an iterable of nodes');
  }
  const list = [...nodes];
  if (list.length === 0) throw new RangeError('A Redlock needs at least one node');
  const names = new Set<string>();
  for (const node of list as readonly (Partial<RedisNode> | null | undefined)[]) {
    requireNode(node);
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

/** @throws TypeError */
function requireNode(node: Partial<RedisNode> | null | undefined): asserts node is RedisNode {
  if (node instanceof Promise) throw new TypeError('A node must not be a promise; await it first');
  const missing = METHODS.filter((method) => typeof node?.[method] !== 'function');
  const name = node?.name;
  // A client of ioredis has `call` and `connect`, too, but no name.
  if (typeof name !== 'string' || missing.length > 1) {
    throw new TypeError(
      'A node must be made by an adapter, as in ioredisNode(client), not be a client itself',
    );
  }
  if (missing.length > 0) throw new TypeError(`A node lacks ${missing[0]}; see RedisNode`);
  if (name === '') throw new TypeError('The name of a node must not be empty');
  if (CREDENTIALS.test(name)) {
    throw new TypeError('The name of a node is shown in errors, so it must have no credentials');
  }
}
