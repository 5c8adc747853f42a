import type { Command } from './command.js';

/** All commands of the binary, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [];
