export { FaultProxy } from './fault-proxy.js';
export { type CommandMonitor, monitorCommands } from './monitor.js';
export { provideServerSource } from './provided-source.js';
export type { RedisServer, ServerOptions, StartOptions } from './redis-server.js';
export type { DropOptions } from './reply-drops.js';
export { startServers } from './server-set.js';
export { findServerSource, type ServerSource } from './server-source.js';
