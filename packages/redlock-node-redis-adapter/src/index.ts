export type { NodeRedisClient, NodeRedisCluster, NodeRedisSentinel } from './client.js';
export { nodeRedisNode, type NodeRedisNodeOptions } from './node-redis-node.js';
