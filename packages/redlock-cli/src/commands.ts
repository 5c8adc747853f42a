import type { Command } from './command.js';
import { doctor } from './doctor/doctor.js';
import { inspect } from './inspect/inspect.js';
import { run } from './run/run.js';

/** All commands of the binary, in the order in which the help lists them. */
export const COMMANDS: readonly Command[] = [run, inspect, doctor];
