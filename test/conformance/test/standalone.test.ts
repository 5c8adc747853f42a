import { runCases } from './support/run-cases.js';

runCases('standalone', ['none', 'ioredis 6', 'redis 6', 'GLIDE 2']);
