import { type Lock, Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';

export function acquire(): Promise<Lock> {
  return new Redlock([memoryNode({ name: 'memory' })]).acquire('a', 1000);
}
