import { readFileSync } from 'node:fs';
import type { Command } from './command.js';
import { COMMANDS } from './commands.js';
import { ExitCode } from './exit-code.js';
import type { Io } from './io.js';
import { insteadOf } from './nearest.js';
import { UsageError } from './usage-error.js';

const USAGE = `Locks over independent Redis nodes, for shell scripts and cron jobs.

${COMMANDS.map(({ name, summary }) => `  redlock ${name.padEnd(10)}${summary}`).join('\n')}

  redlock help COMMAND      says more about a command
  redlock --version, -V     prints the version

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
  await io.allTold();
  return code;
}

async function codeOf([name = 'help', ...args]: readonly string[], io: Io): Promise<number> {
  try {
    const text = textFor(name, args);
    if (text === null) return await commandOf(name).run(args, io);
    io.print(text);
    return ExitCode.SUCCESS;
  } catch (error) {
    io.tell(error instanceof Error ? error.message : String(error));
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
    default:
      return isHelpWanted(args) ? commandOf(name).usage : null;
  }
}

function helpFor([name = 'help', second]: readonly string[]): string {
  if (second !== undefined) throw new UsageError('help takes the name of one command');
  return name === 'help' ? USAGE : commandOf(name).usage;
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return command;
  const names = COMMANDS.map((one) => one.name);
  throw new UsageError(`there is no command ${name}${insteadOf(name, names)}`);
}

/** Behind `--` stands somebody else's command, with a help of its own. */
function isHelpWanted(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  return own.includes('--help') || own.includes('-h');
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
