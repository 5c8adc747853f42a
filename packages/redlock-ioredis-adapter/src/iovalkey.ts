// Apart from the main entry, which imports ioredis.
export type { IoredisClient } from './client.js';
export { ioredisNode as iovalkeyNode, type IoredisNodeOptions } from './ioredis-node.js';
