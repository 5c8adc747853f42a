import type { RedisNode } from '../redis-node.js';
import { program } from '../program.js';
import { Keyspace } from './keyspace.js';
import { runProgram } from './memory-program.js';

export interface MemoryNodeOptions {
  /** Shown in votes, errors and events; unique within a Redlock. */
  name: string;
  /** How long one command to this node may take, in ms. Wins over `nodeTimeout`. */
  timeout?: number | undefined;
}

/**
 * A node inside this process, which behaves as a Redis server does. For tests and for trying things
 * out: it locks within one process only.
 */
export function memoryNode(options: MemoryNodeOptions): RedisNode {
  if (typeof options?.name !== 'string') throw new TypeError('A memory node needs a name');
  const { name, timeout } = options;
  const keyspace = new Keyspace();
  return {
    name,
    timeout,
    ready: true,
    call: async ([, code = '', count = '0', ...rest]) => {
      if (code !== program.sha && code !== program.source) {
        throw new Error('ERR a memory node runs the script of redlock-core only');
      }
      return runProgram(keyspace, rest.slice(0, Number(count)), rest.slice(Number(count)));
    },
    connect: () => {},
    onReady: () => () => {},
  };
}
