import { runCases } from './support/run-cases.js';

runCases('standalone', ['none', 'ioredis 6']);
