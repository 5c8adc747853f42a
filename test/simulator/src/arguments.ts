import { readCommandLine } from 'test-kit/arguments';
import type { Mutant } from './mutants/mutant.js';
import { MUTANTS } from './mutants/mutants.js';

const USAGE = `Usage: pnpm simulate [--schedules <number>] [--seed <number>] [--mutant <name>]
       pnpm simulate --seed <number> [--timeline <file>] [--mutant <name>]
       pnpm simulate --mutants

Runs the real core in a world whose time, network, nodes and processes follow from a seed, and looks
on whether every promise holds. The first run that breaks one is told, and drawn.

  --schedules  how many seeds; 20000 by default
  --seed       the first of them, 1 by default; without --schedules: this one alone, told and drawn
  --timeline   the file of the picture; simulation-<seed>.svg by default
  --mutant     with this deliberate mistake in the core
  --mutants    all mistakes, each until it is found out; writes docs/safety-mutants.md
  --workers    threads; 2 by default
  --help       this text

Exit status: 0 if every promise held, 1 if one was broken, if in 5000 or more runs something never
happened that should, or if a mistake was not found out; 2 for wrong arguments.`;

export interface Arguments {
  /** null: the one of `seed` is told. */
  readonly schedules: number | null;
  readonly seed: number;
  readonly mutant: Mutant | undefined;
  readonly mutants: boolean;
  readonly timeline: string | undefined;
  readonly workers: number;
}

export function readArguments(): Arguments {
  return readCommandLine({
    usage: USAGE,
    options: {
      schedules: { type: 'string' },
      seed: { type: 'string' },
      mutant: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      timeline: { type: 'string' },
      workers: { type: 'string', default: '2' },
    },
    argumentsOf: ({ schedules, seed, mutant, mutants, timeline, workers }) => ({
      schedules:
        schedules === undefined && seed !== undefined
          ? null
          : wholeNumber('schedules', schedules ?? '20000', 1),
      seed: wholeNumber('seed', seed ?? '1', 0),
      mutant: mutant === undefined ? undefined : mutantNamed(mutant),
      mutants,
      timeline,
      workers: wholeNumber('workers', workers, 1),
    }),
  });
}

function wholeNumber(option: string, given: string, least: number): number {
  const number = Number(given);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`--${option} must be a whole number from ${least} on, not '${given}'`);
}

function mutantNamed(given: string): Mutant {
  const mutant = MUTANTS.find(({ name }) => name === given);
  if (mutant) return mutant;
  throw new Error(`There is no mutant ${given}; docs/safety-mutants.md lists them`);
}
