import type { RedisNode } from '../redis-node.js';
import { program } from '../program.js';
import { systemRuntime } from '../runtime.js';
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
  const listeners = new Map<string, Set<(message?: string) => void>>();
  const runId = systemRuntime.token();
  const startedAt = performance.now();
  const publish = (channel: string, message: string): number => {
    const told = listeners.get(channel) ?? new Set();
    for (const listener of told) queueMicrotask(() => listener(message));
    return told.size;
  };
  return {
    name,
    timeout,
    ready: true,
    call: async ([command, code = '', count = '0', ...rest]) => {
      if (command === 'INFO') {
        const uptime = Math.floor((performance.now() - startedAt) / 1000);
        return `run_id:${runId}\r\nuptime_in_seconds:${uptime}\r\n`;
      }
      if (code !== program.sha && code !== program.source) {
        throw new Error('ERR a memory node runs the script of redlock-core only');
      }
      return runProgram(keyspace, rest.slice(0, Number(count)), rest.slice(Number(count)), publish);
    },
    connect: () => {},
    onReady: () => () => {},
    subscribe(channel, given) {
      // One of its own, so that it can be there twice.
      const listener = (message?: string): void => given(message);
      const told = listeners.get(channel) ?? new Set();
      listeners.set(channel, told.add(listener));
      queueMicrotask(() => listener());
      return () => {
        if (told.delete(listener) && told.size === 0) listeners.delete(channel);
      };
    },
  };
}
