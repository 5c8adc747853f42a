import { testListeners } from './support/listeners.js';

testListeners('standalone', ['ioredis 5', 'iovalkey', 'redis 5']);
testListeners('sentinel', ['ioredis 6', 'redis 5', 'redis 6']);
testListeners('cluster', ['ioredis 5', 'ioredis 6', 'redis 5', 'redis 6']);
