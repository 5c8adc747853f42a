export type { IoredisClient } from './client.js';
export { ioredisNode, type IoredisNodeOptions } from './ioredis-node.js';
export { ioredisNodeFromUrl } from './ioredis-node-from-url.js';
