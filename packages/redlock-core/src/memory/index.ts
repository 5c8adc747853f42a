export { memoryNode, type MemoryNodeOptions } from './memory-node.js';
