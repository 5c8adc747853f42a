#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { insteadOf } from 'command-line';
import type { Command } from './command.js';
import { COMMANDS } from './commands.js';
import { ExitCode } from './exit-code.js';
import { UsageError } from './usage-error.js';

const USAGE = `Locks over independent Redis nodes, for shell scripts and cron jobs.

  redlock COMMAND …

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(10)}${summary}`).join('\n')}

  redlock COMMAND --help    says more about a command, with examples
  redlock --version         prints the version
`;

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--version') return print(`${version()}\n`);
  if (name === '--help' || name === '-h') return print(USAGE);
  try {
    const command = commandOf(name);
    if (isHelpWanted(args)) return print(command.usage);
    return await command.run(args);
  } catch (error) {
    return explain(error, name);
  }
}

function commandOf(name: string | undefined): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return command;
  const names = COMMANDS.map((one) => one.name);
  if (name === undefined) throw new UsageError(`no command is given${insteadOf('', names)}`);
  throw new UsageError(`there is no command ${name}${insteadOf(name, names)}`);
}

/** Behind `--` stands the command of somebody else. */
function isHelpWanted(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  return own.includes('--help') || own.includes('-h');
}

function explain(error: unknown, name = ''): number {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`redlock: ${message}\n`);
  if (!(error instanceof UsageError)) return ExitCode.SOFTWARE;
  const isCommand = COMMANDS.some((one) => one.name === name);
  process.stderr.write(`Try: redlock ${isCommand ? `${name} ` : ''}--help\n`);
  return ExitCode.USAGE;
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
