import { runCases, takesLong } from './support/run-cases.js';

runCases('standalone', ['none', 'ioredis 6'], (name) => !takesLong(name));
