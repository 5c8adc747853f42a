// An entry of its own, because the main entry imports ioredis.
export type { IoredisClient } from './client.js';
export { ioredisNode as iovalkeyNode, type IoredisNodeOptions } from './ioredis-node.js';
