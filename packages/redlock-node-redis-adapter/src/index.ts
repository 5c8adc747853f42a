export type {
  ClusterMaster as NodeRedisClusterMaster,
  CommandOptions as NodeRedisCommandOptions,
  NodeRedisClient,
  NodeRedisCluster,
  NodeRedisSentinel,
} from './client.js';
export { nodeRedisNode, type NodeRedisNodeOptions } from './node-redis-node.js';
export { nodeRedisNodeFromUrl, type NodeRedisUrlOptions } from './node-redis-node-from-url.js';
