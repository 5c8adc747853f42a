export { keyCount } from './key-count.js';
export type { NodeOptions } from './node-options.js';
export {
  Subscriptions,
  type OpenSubscriber,
  type SubscriberConnection,
  type SubscriberEvents,
} from './subscriptions.js';
