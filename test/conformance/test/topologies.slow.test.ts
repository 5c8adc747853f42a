import { isAboutReconnection, runCases } from './support/run-cases.js';

runCases('sentinel', ['ioredis 6', 'redis 6'], isAboutReconnection);
runCases('cluster', ['ioredis 6', 'redis 6'], isAboutReconnection);
