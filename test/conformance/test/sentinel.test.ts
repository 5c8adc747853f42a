import { runCases } from './support/run-cases.js';

runCases('sentinel', ['ioredis 6']);
