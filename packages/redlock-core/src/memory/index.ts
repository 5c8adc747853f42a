export { memoryNode, type MemoryNode, type MemoryNodeOptions } from './memory-node.js';
