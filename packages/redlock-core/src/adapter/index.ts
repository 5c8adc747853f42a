export { keyCount } from './key-count.js';
export {
  Subscriptions,
  type OpenSubscriber,
  type SubscriberConnection,
  type SubscriberEvents,
} from './subscriptions.js';
