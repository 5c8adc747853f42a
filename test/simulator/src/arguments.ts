import { parseArgs } from 'node:util';
import { MUTANTS, type Mutant } from './mutants/mutants.js';
import { KINDS, type Kind } from './plan/kinds.js';

const USAGE = `Usage: pnpm simulate [--schedules <number>] [--seed <number>] [--kind <kind>] [--mutant <name>]
       pnpm simulate --seed <number> [--kind <kind>] [--mutant <name>]
       pnpm simulate --mutants

Runs the real core in a world whose time, network, nodes and processes follow from a seed, and looks
on whether every promise holds. The first run that breaks one is told.

  --schedules  how many seeds; 20000 by default
  --seed       the first of them, 1 by default; without --schedules: this one alone, told
  --kind       of one kind: ${Object.keys(KINDS).join(', ')}
  --mutant     with this deliberate mistake; a part of its name will do
  --mutants    all mistakes, each until it is found out; writes test/simulator/mutants.md
  --workers    threads; 2 by default
  --help       this text

Exit status: 0 if every promise held, 1 if one was broken, if in 5000 or more runs of all kinds something
never happened that should, or if a mistake was not found out; 2 for wrong arguments.`;

/** Ends the process if there is nothing to run. */
export function readArguments(args: readonly string[] = process.argv.slice(2)) {
  try {
    const { help, ...given } = valuesOf(args);
    if (!help) return argumentsOf(given);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return process.exit(2);
  }
  console.log(USAGE);
  return process.exit(0);
}

function valuesOf(args: readonly string[]) {
  const string = { type: 'string' } as const;
  const boolean = { type: 'boolean' } as const;
  const numbers = { schedules: string, seed: string, workers: string };
  const options = { ...numbers, kind: string, mutant: string, mutants: boolean, help: boolean };
  return parseArgs({ args: [...args], options }).values;
}

function argumentsOf(values: Omit<ReturnType<typeof valuesOf>, 'help'>) {
  const { schedules, seed, kind, mutants = false, workers } = values;
  const mutant = values.mutant === undefined ? undefined : mutantNamed(values.mutant);
  const isReplay = schedules === undefined && seed !== undefined;
  return {
    /** null: the run of `seed` is told. */
    schedules: isReplay ? null : wholeNumber('schedules', schedules ?? '20000', 1),
    seed: wholeNumber('seed', seed ?? '1', 0),
    kind: kind === undefined ? mutant?.kind : kindNamed(kind),
    mutant,
    mutants,
    workers: wholeNumber('workers', workers ?? '2', 1),
  };
}

function wholeNumber(option: string, given: string, least: number): number {
  const number = Number(given);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new Error(`--${option} must be a whole number from ${least} on, not '${given}'`);
}

function kindNamed(given: string): Kind {
  const kind = (Object.keys(KINDS) as Kind[]).find((name) => name === given);
  if (kind) return kind;
  throw new Error(`There is no kind '${given}', only ${Object.keys(KINDS).join(', ')}`);
}

function mutantNamed(given: string): Mutant {
  const exact = MUTANTS.filter(({ name }) => name === given);
  const found = exact.length > 0 ? exact : MUTANTS.filter(({ name }) => name.includes(given));
  const [mutant] = found;
  if (mutant && found.length === 1) return mutant;
  const names = (found.length > 0 ? found : MUTANTS).map(({ name }) => `  ${name}`);
  throw new Error(`--mutant must name one of these, not '${given}':\n${names.join('\n')}`);
}
