import { readCommandLine } from 'test-kit/arguments';

const USAGE = `Usage: pnpm demo [--short] [--workers <number>]

Worker processes update one shared file, first without a lock, then under a lock on five
Redis nodes of which two are killed and brought back on the way. Takes about 20 seconds.

  --short    about 7 seconds
  --workers  how many worker processes, 2 to 16; 4 by default
  --help     this text

The nodes are started for the demo and are gone after it: redis-server or valkey-server
if one is on PATH, else containers if Docker answers, else in-memory nodes.
REDIS_SERVERS=process or REDIS_SERVERS=docker in the environment allows only that kind of server.

Exit status: 0 if the lock held, 1 if not or if something failed, 2 for wrong arguments,
130 if interrupted.`;

export interface Arguments {
  readonly short: boolean;
  readonly workers: number;
}

export function readArguments(): Arguments {
  return readCommandLine({
    usage: USAGE,
    options: {
      short: { type: 'boolean', default: false },
      workers: { type: 'string', default: '4' },
    },
    argumentsOf: (values) => {
      const workers = Number(values.workers);
      if (!Number.isInteger(workers) || workers < 2 || workers > 16) {
        throw new Error(`--workers must be a whole number from 2 to 16, not '${values.workers}'`);
      }
      return { short: values.short, workers };
    },
  });
}
