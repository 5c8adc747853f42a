import { runCases } from './support/run-cases.js';

runCases('cluster', ['ioredis 6']);
