import { runCases } from './support/run-cases.js';

runCases('standalone', ['ioredis 5', 'iovalkey', 'redis 5']);
// They take seconds: the client reconnects with pauses that nobody can shorten.
runCases('standalone', ['GLIDE 2'], 'reconnection');
