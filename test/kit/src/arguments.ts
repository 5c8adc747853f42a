import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/** The command line of a program of this repository. Every program has `--help` besides its own options. */
export interface CommandLine<O extends Options, A> {
  /** The text of `--help`: one screen, with every option. */
  readonly usage: string;
  readonly options: O;
  readonly allowPositionals?: boolean;
  /** @throws Error with a message for the user, for values that are not allowed */
  readonly argumentsOf: (
    values: ReturnType<typeof parseArgs<{ options: O }>>['values'],
    positionals: readonly string[],
  ) => A;
}

/** Returns the arguments of this process. Ends the process after `--help`, or with status 2 for wrong arguments. */
export function readCommandLine<const O extends Options, A>(commandLine: CommandLine<O, A>): A {
  const { usage, options, allowPositionals = false, argumentsOf } = commandLine;
  // `pnpm demo -- --short` passes the `--` on.
  const args = process.argv.slice(process.argv[2] === '--' ? 3 : 2);
  try {
    if (args.includes('--help') || args.includes('-h')) return end(0, usage);
    const { values, positionals } = parseArgs({ args, options, allowPositionals });
    return argumentsOf(values, positionals);
  } catch (error) {
    return end(2, `${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

function end(status: number, text: string): never {
  if (status === 0) console.log(text);
  else console.error(text);
  process.exit(status);
}
