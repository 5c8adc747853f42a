/** `node:timers`. Only immediates are imported from it: all other timers come from the runtime, which the world brings. */
export { setImmediate } from './event-loop.js';
