import { nextTick } from './event-loop.js';

/** Of the global `process`, the core uses `nextTick` only. */
export const process = { nextTick };
