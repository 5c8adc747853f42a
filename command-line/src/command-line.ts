import { parseArgs, type ParseArgsConfig } from 'node:util';
import { insteadOf } from './nearest.js';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<O extends Options> = ReturnType<typeof parseArgs<{ options: O }>>['values'];

/** The options that a command of this repository takes, besides `--help`. */
export interface CommandLine<O extends Options, A> {
  /** One screen of text, with every option in it. */
  readonly usage: string;
  readonly options: O;
  /** @throws Error, with a message for the user, for values that there cannot be */
  readonly argumentsOf: (values: Values<O>) => A;
}

/** Returns what was given. Prints the usage and ends the process if that was asked for, or if something is wrong. */
export function readCommandLine<const O extends Options, A>(commandLine: CommandLine<O, A>): A {
  const { usage, options, argumentsOf } = commandLine;
  try {
    const values = parse(process.argv.slice(2), {
      ...options,
      help: { type: 'boolean', short: 'h', default: false },
    });
    return values['help'] ? explain(usage) : argumentsOf(values as Values<O>);
  } catch (error) {
    return refuse(error, usage);
  }
}

function explain(usage: string): never {
  console.log(usage);
  process.exit(0);
}

function refuse(error: unknown, usage: string): never {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exit(2);
}

function parse(given: readonly string[], options: Options): Record<string, unknown> {
  // `pnpm demo -- --short` passes the `--` on.
  const args = given[0] === '--' ? given.slice(1) : [...given];
  const { tokens } = parseArgs({ args, options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option' || Object.hasOwn(options, token.name)) continue;
    const names = Object.keys(options).map((name) => `--${name}`);
    throw new Error(`There is no option ${token.rawName}${insteadOf(token.rawName, names)}`);
  }
  return parseArgs({ args, options }).values;
}
