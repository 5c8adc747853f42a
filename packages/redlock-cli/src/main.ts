#!/usr/bin/env node
import { readFileSync, writeSync } from 'node:fs';
import { insteadOf } from 'command-line';
import type { Command } from './command.js';
import { COMMANDS } from './commands.js';
import { ExitCode } from './exit-code.js';
import { allTold, STDERR, tell } from './messages.js';
import { print } from './output.js';
import { UsageError } from './usage-error.js';

const USAGE = `Locks over independent Redis nodes, for shell scripts and cron jobs.

${COMMANDS.map(({ name, summary }) => `  redlock ${name.padEnd(10)}${summary}`).join('\n')}

  redlock COMMAND --help    says more about a command
  redlock --version         prints the version

  export REDLOCK_NODES=redis://redis-1:6379,redis://redis-2:6379,redis://redis-3:6379
  redlock run nightly-report -- ./report.sh
  redlock inspect nightly-report
`;

// A mistake of this program. It ends a command that runs, too, because nobody would extend its lock.
process.on('uncaughtException', (error) => {
  writeSync(STDERR, `redlock: ${error.message}\n`);
  process.exit(ExitCode.SOFTWARE);
});

const code = await main(process.argv.slice(2));
await allTold();
// Timers of the Redlock may last a while longer.
process.exit(code);

async function main([name, ...args]: readonly string[]): Promise<number> {
  try {
    if (name === '--help' || name === '-h') return show(USAGE);
    if (name === '--version') return show(`${version()}\n`);
    const command = commandOf(name);
    if (isHelpWanted(args)) return show(command.usage);
    return await command.run(args);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }
}

function commandOf(name: string | undefined): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return command;
  const names = COMMANDS.map((one) => one.name);
  if (name === undefined) throw new UsageError('no command is given: try redlock --help');
  throw new UsageError(`there is no command ${name}${insteadOf(name, names)}`);
}

/** Behind `--` stands somebody else's command, with a help of its own. */
function isHelpWanted(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  return own.includes('--help') || own.includes('-h');
}

function show(text: string): number {
  print(text);
  return ExitCode.SUCCESS;
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
