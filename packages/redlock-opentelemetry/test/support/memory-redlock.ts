import { Redlock, type RedlockOptions } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';

/** A Redlock over three nodes in this process. */
export function memoryRedlock(options?: RedlockOptions) {
  const nodes = ['a', 'b', 'c'].map((name) => memoryNode({ name }));
  return { nodes, redlock: new Redlock(nodes, options) };
}
