import { readFileSync } from 'node:fs';
import { completionOf } from './completion.js';
import { doctor } from './doctor.js';
import { ExitCode } from './exit-code.js';
import { inspect } from './inspect.js';
import type { Io } from './io.js';
import { type Command, hint, optionsHelp } from './options.js';
import { release } from './release.js';
import { run } from './run/run.js';
import { UsageError } from './usage-error.js';

const COMMANDS: readonly Command[] = [run, inspect, release, doctor];

const USAGE = `Locks over independent Redis nodes, for shell scripts and cron jobs.

${COMMANDS.map(({ name, summary }) => `  redlock ${name.padEnd(12)}${summary}`).join('\n')}
  redlock completion  prints a script for bash or zsh: eval "$(redlock completion bash)"

  redlock help COMMAND     shows the options of a command
  redlock --version, -V    prints the version

  export REDLOCK_NODES=redis://redis-1:6379,redis://redis-2:6379,redis://redis-3:6379
  redlock run nightly-report -- ./report.sh
  redlock inspect nightly-report
`;

/**
 * Runs the program with these arguments.
 * @returns the exit code, when all messages are written
 */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  const code = await codeOf(argv, io);
  await io.flushed();
  return code;
}

async function codeOf([name = 'help', ...args]: readonly string[], io: Io): Promise<number> {
  try {
    const text = textFor(name, args);
    if (text === null) return await commandOf(name).run(args, io);
    io.print(text);
    return ExitCode.SUCCESS;
  } catch (error) {
    io.log(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }
}

/** The text that the arguments ask for; null: they ask for a command to be run. */
function textFor(name: string, args: readonly string[]): string | null {
  switch (name) {
    case '--help':
    case '-h':
      return USAGE;
    case 'help':
      return helpFor(args);
    case '--version':
    case '-V':
      return `${version()}\n`;
    case 'completion':
      return completionOf(args[0], COMMANDS);
    default:
      return isHelpWanted(args) ? helpOf(commandOf(name)) : null;
  }
}

function helpFor([name = 'help', surplus]: readonly string[]): string {
  if (surplus !== undefined) throw new UsageError('help takes the name of one command.');
  return name === 'help' ? USAGE : helpOf(commandOf(name));
}

function helpOf({ name, synopsis, details, options, notes }: Command): string {
  return `${details}\n\n  redlock ${name} ${synopsis}\n\n${optionsHelp(options)}\n${notes}`;
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return command;
  const names = COMMANDS.map((one) => one.name);
  const known = hint(name, names) || ` Use ${names.join(', ')} or help.`;
  throw new UsageError(`unknown command ${name}.${known}`);
}

/** What follows `--` is another program's command, with its own help. */
function isHelpWanted(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  return own.includes('--help') || own.includes('-h');
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
