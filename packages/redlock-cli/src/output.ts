import { writeSync } from 'node:fs';
import { exitCodeOfSignal } from './exit-code.js';

const STDOUT = 1;

/**
 * Writes to stdout. Not by `process.stdout`, which would make a pipe non-blocking, also for others who write into it.
 * If nobody reads there any more, the process ends, as other programs do at SIGPIPE.
 */
export function print(text: string): void {
  try {
    writeSync(STDOUT, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    process.exit(exitCodeOfSignal('SIGPIPE'));
  }
}
