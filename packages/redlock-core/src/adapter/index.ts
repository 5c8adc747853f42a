export { keyRange, slotOf } from '../protocol/routing.js';
export { defineNode, type ConnectionReports, type NodeConnection } from './node-definition.js';
export { type NodeOptions, kindOf, nodeOptionsOf } from './node-options.js';
export { parseNodeUrl } from './node-url.js';
export type { OpenSubscriber, SubscriberConnection, SubscriberEvents } from './subscriptions.js';
