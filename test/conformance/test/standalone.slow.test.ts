import { isAboutReconnection, runCases, takesLong } from './support/run-cases.js';

runCases('standalone', ['ioredis 5', 'iovalkey', 'redis 5'], (name) => !takesLong(name));
runCases('standalone', ['ioredis 6', 'redis 6', 'GLIDE 2'], takesLong);
// GLIDE reconnects after long pauses.
runCases('standalone', ['GLIDE 2'], isAboutReconnection);
