export { requireClient } from './client-kind.js';
export { LastError } from './last-error.js';
export { keyRange } from '../protocol/key-range.js';
export { type NodeOptions, nodeOptionsOf } from './node-options.js';
export { parseNodeUrl } from './node-url.js';
export { perClient } from './per-client.js';
export {
  Subscriptions,
  type OpenSubscriber,
  type SubscriberConnection,
  type SubscriberEvents,
} from './subscriptions.js';
