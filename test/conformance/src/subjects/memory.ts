import { memoryNode } from 'redlock-core/memory';
import type { Subject } from '../subject.js';

export const memorySubject: Subject = {
  adapter: 'redlock-core/memory',
  client: 'none',
  topologies: ['standalone'],
  without: () => ({ server: 'it is in this process' }),
  async open() {
    const node = memoryNode({ name: 'memory' });
    return { node: () => node, connect: async () => {}, emitters: () => [], close: () => {} };
  },
};
