import { testListeners } from './support/contenders.js';

testListeners('standalone', ['ioredis 6', 'redis 6']);
