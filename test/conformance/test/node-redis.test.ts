import { runCases, takesLong } from './support/run-cases.js';

runCases('standalone', ['redis 6'], (name) => !takesLong(name));
