import { testSubscriptions } from './cases/subscriptions.js';

testSubscriptions(6);
