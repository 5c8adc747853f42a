export { Actor, type ActorEvent, type ActorLock, type ActorOptions } from './actor.js';
export type { Contender, ContenderOptions } from './contender.js';
export { Deployment, type DeploymentOptions, type ProxiedNode } from './deployment.js';
export { FaultProxy } from './fault-proxy.js';
export { freePort, giveBackPort } from './free-port.js';
export {
  type Client,
  type ClientOptions,
  type ClusterClient,
  emitter,
  isReady,
  type Major,
  majors,
  openClient,
} from './ioredis-clients.js';
export { type CommandMonitor, monitorCommands } from './monitor.js';
export { type OtherRuntime, provideRuntime } from './other-runtime.js';
export { pace } from './pace.js';
export { provideServerSource } from './provided-source.js';
export { type ClusterOptions, RedisCluster } from './redis-cluster.js';
export type { RedisServer, ServerOptions, StartOptions } from './redis-server.js';
export { rejectionOf } from './rejection.js';
export { repeatedAfterStall } from './repetition.js';
export type { DropOptions } from './reply-drops.js';
export { startServer, startServers } from './server-set.js';
export { serverVersion } from './server-version.js';
export { findServerSource, type ServerSource } from './server-source.js';
export { SelfSigned } from './self-signed.js';
export { type SentinelOptions, SentinelGroup } from './sentinel-group.js';
export { SlotMigration } from './slot-migration.js';
export { StallWatch } from './stall-watch.js';
export { killSubscribers, subscriberIds } from './subscribers.js';
export { until } from './until.js';
export { lockOnAll } from './votes.js';
