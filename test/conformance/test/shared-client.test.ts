import { testListeners } from './support/listeners.js';

testListeners('standalone', ['ioredis 6', 'redis 6']);
