import { testClient } from './cases/client.js';
import { testConnection } from './cases/connection.js';
import { testSubscriptions } from './cases/subscriptions.js';

testClient(5);
testConnection(5);
testSubscriptions(5);
