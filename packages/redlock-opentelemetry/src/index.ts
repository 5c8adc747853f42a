export { instrumentRedlock } from './instrument-redlock.js';
export type { Instrumentation, InstrumentationOptions } from './instrument-redlock.js';
