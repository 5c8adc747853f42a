import type { RedisNode } from '../redis-node.js';
import { extendScript } from '../scripts/extend.js';
import { grantScript } from '../scripts/grant.js';
import { inspectScript } from '../scripts/inspect.js';
import { releaseScript } from '../scripts/release.js';
import { Keyspace } from './keyspace.js';

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
      const run = SCRIPTS.get(code);
      if (!run) throw new Error('ERR a memory node runs the scripts of redlock-core only');
      return run(keyspace, rest.slice(0, Number(count)), rest.slice(Number(count)));
    },
    connect: () => {},
    onReady: () => () => {},
  };
}

type Run = (keyspace: Keyspace, keys: readonly string[], args: readonly string[]) => unknown;

const grant: Run = (keyspace, keys, [token = '', ttl]) => {
  const denials = keys.flatMap((key, position) => {
    const value = keyspace.get(key);
    return value === null || value === token
      ? []
      : [[position, value.slice(0, 64), keyspace.remaining(key)]];
  });
  if (denials.length === 0) for (const key of keys) keyspace.set(key, token, Number(ttl));
  return denials;
};

const extend: Run = (keyspace, keys, [token = '', ttl]) => {
  if (keys.some((key) => keyspace.get(key) !== token)) return 0;
  for (const key of keys) keyspace.set(key, token, Number(ttl));
  return 1;
};

const release: Run = (keyspace, keys, [token]) => {
  const held = keys.filter((key) => keyspace.get(key) === token);
  for (const key of held) keyspace.delete(key);
  return held.length === keys.length ? 1 : 0;
};

const inspect: Run = (keyspace, [key = '']) => [keyspace.get(key), keyspace.remaining(key)];

/** The scripts' twins. The core may send a script by its digest or whole. */
const SCRIPTS = new Map<string, Run>(
  (
    [
      [grantScript, grant],
      [extendScript, extend],
      [releaseScript, release],
      [inspectScript, inspect],
    ] as const
  ).flatMap(([{ sha, source }, run]) => [
    [sha, run],
    [source, run],
  ]),
);
