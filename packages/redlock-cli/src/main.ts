#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { ExitCode } from './exit-code.js';
import { Io } from './io.js';
import { runProgram } from './program.js';

const STDERR = 2;

// A mistake of this program. It ends a command that runs, too, because nobody would extend its lock.
process.on('uncaughtException', (error) => {
  // Told last, because writing may block, and the command must be dead by then.
  process.once('exit', () => writeSync(STDERR, `redlock: ${error.message}\n`));
  process.exit(ExitCode.SOFTWARE);
});

const io = new Io({ env: process.env, signals: process, stdin: 0, stdout: 1, stderr: STDERR });
const code = await runProgram(process.argv.slice(2), io);
// Timers of the Redlock may last a while longer.
process.exit(code);
