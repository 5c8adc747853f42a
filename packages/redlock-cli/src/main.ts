#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { runProgram } from './cli.js';
import { ExitCode, Io } from './io.js';

const STDERR = 2;

// A bug of this program. It also ends a command that runs, because its lock is not extended any more.
process.on('uncaughtException', (error) => {
  // Written last, because writing may block, and the command must be dead by then.
  process.once('exit', () => writeSync(STDERR, `redlock: ${error.message}\n`));
  process.exit(ExitCode.SOFTWARE);
});

const io = new Io(process.env, process, [0, 1, STDERR]);
const code = await runProgram(process.argv.slice(2), io);
// Timers of the Redlock may last a while longer.
process.exit(code);
