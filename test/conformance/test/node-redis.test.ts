import { runCases } from './support/run-cases.js';

runCases('standalone', ['redis 6']);
