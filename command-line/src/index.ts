export { describeCheckout } from './checkout.js';
export { readCommandLine, type CommandLine } from './command-line.js';
export { insteadOf } from './nearest.js';
