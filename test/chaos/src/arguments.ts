import { randomInt } from 'node:crypto';
import { readCommandLine } from 'test-kit/arguments';
import { DEFAULT, FORGET, KEEP, UNPROTECTED, type Variant } from './variant.js';
import { type Careless, LEDGER, RECORD, type Work } from './work.js';

const USAGE = `Usage: pnpm chaos [--minutes <number>] [--readers [--careless <who>]] [--forget [--unprotected]]
                  [--seed <number>]

Eight client processes update one ledger file under a lock on five Redis nodes, with fencing, while
nodes are killed, stopped and cut off, and clients are paused for longer than their ttl and killed.

  --minutes      how long; 0.5 by default
  --readers      four tasks in each process read and write one record of several files instead,
                 under shared and exclusive locks. Unless with --forget, quarantine is as by
                 default, killed nodes come back without their data half of the time, and
                 clients are paused but not killed
  --careless     with it 'readers' take no lock, or 'writers' a shared one: what locks prevent
  --forget       killed nodes come back without their data half of the time
  --unprotected  with that, quarantine is off: shows what it protects from
  --seed         of the faults; at random by default. The same seed makes the same plan of faults;
                 what processes do at the same moment is not in anybody's hand
  --help         this text

Exit status: 0 if nothing was found, 1 if something was, or failed; 2 for wrong arguments,
130 if interrupted.`;

export interface Arguments {
  readonly variant: Variant;
  readonly work: Work;
  readonly seed: number;
  readonly ms: number;
}

export function readArguments(): Arguments {
  return readCommandLine({
    usage: USAGE,
    options: {
      readers: { type: 'boolean', default: false },
      careless: { type: 'string' },
      forget: { type: 'boolean', default: false },
      unprotected: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '0.5' },
      seed: { type: 'string' },
    },
    argumentsOf: ({ readers, forget, unprotected, ...values }) => {
      const minutes = Number(values.minutes);
      if (!(minutes > 0 && minutes <= 24 * 60)) {
        throw new Error(`--minutes must be a positive number, not '${values.minutes}'`);
      }
      const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
      if (!Number.isSafeInteger(seed)) {
        throw new Error(`--seed must be a whole number, not '${values.seed}'`);
      }
      if (unprotected && !forget) throw new Error('--unprotected requires --forget');
      const careless = readCareless(values.careless);
      if (careless && !readers) throw new Error('--careless requires --readers');
      const losing = unprotected ? UNPROTECTED : FORGET;
      const keeping = readers ? DEFAULT : KEEP;
      return {
        variant: forget ? losing : keeping,
        work: readers ? { ...RECORD, careless } : LEDGER,
        seed,
        ms: minutes * 60_000,
      };
    },
  });
}

function readCareless(who: string | undefined): Careless | null {
  if (who === undefined) return null;
  if (who === 'readers' || who === 'writers') return who;
  throw new Error(`--careless must be 'readers' or 'writers', not '${who}'`);
}
