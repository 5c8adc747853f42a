export { memoryNode, type MemoryNode, type MemoryNodeOptions } from './node.js';
