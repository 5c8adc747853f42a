export type { IoredisClient } from './client.js';
export { ioredisNode, type IoredisNodeOptions } from './ioredis-node.js';
export {
  ioredisNodeFromUrl,
  RECOMMENDED_OPTIONS,
  type IoredisUrlOptions,
} from './ioredis-node-from-url.js';
