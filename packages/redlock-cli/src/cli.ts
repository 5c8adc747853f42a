import { readFileSync } from 'node:fs';
import { QuorumError } from 'redlock-core';
import { doctor } from './doctor.js';
import { inspect } from './inspect.js';
import { ExitCode, type Io } from './io.js';
import { COMMON, type Command, type Options, UsageError } from './options.js';
import { release } from './release.js';
import { run } from './run/run.js';

const COMMANDS: readonly Command[] = [run, inspect, release, doctor];
const NAMES = COMMANDS.map(({ name }) => name);

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
    if (QuorumError.is(error)) return ExitCode.UNAVAILABLE;
    return error instanceof UsageError ? ExitCode.USAGE : ExitCode.SOFTWARE;
  }
}

/** The text that the arguments request; null: they name a command to run. */
function textFor(name: string, args: readonly string[]): string | null {
  switch (name) {
    case '--help':
    case '-h':
      return USAGE;
    case 'help':
      return helpOf(args);
    case '--version':
    case '-V':
      return `${version()}\n`;
    case 'completion':
      return completionOf(args[0]);
    default:
      return isHelpWanted(args) ? helpOf([name]) : null;
  }
}

/** What follows `--` is another program's command, with its own help. */
function isHelpWanted(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  return own.includes('--help') || own.includes('-h');
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return command;
  throw new UsageError(`unknown command ${name}. Use ${NAMES.join(', ')} or help.`);
}

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function helpOf([topic = 'help', surplus]: readonly string[]): string {
  if (surplus !== undefined) throw new UsageError('help takes the name of one command.');
  if (topic === 'help') return USAGE;
  const { name, synopsis, details, options, notes } = commandOf(topic);
  return `${details}\n\n  redlock ${name} ${synopsis}\n\n${linesOf(options)}\n${linesOf(COMMON)}\n${notes}`;
}

function linesOf(options: Options): string {
  const lines = Object.entries(options).map(([name, { short, value, help }]) => {
    const left = `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;
    return `  ${left.padEnd(30)} ${help}\n`;
  });
  return lines.join('');
}

/** The script that completes commands and options in a shell. zsh runs that of bash. */
function completionOf(shell: string | undefined): string {
  if (shell !== 'bash' && shell !== 'zsh') {
    throw new UsageError('unknown shell. Use redlock completion bash, or redlock completion zsh.');
  }
  const cases = COMMANDS.map(({ name, options }) => {
    const names = Object.keys({ ...options, ...COMMON, help: null });
    return `    ${name}) words='${names.map((option) => `--${option}`).join(' ')}' ;;`;
  });
  const setUp =
    'autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n';
  return `${shell === 'zsh' ? setUp : ''}_redlock() {
  local current=\${COMP_WORDS[COMP_CWORD]} words='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ \${COMP_WORDS[index]} == -- ]]; then
      COMPREPLY=($(compgen -c -- "$current"))
      return
    fi
  done
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
    completion) words='bash zsh' ;;
    help) words='${NAMES.join(' ')}' ;;
  esac
  ((COMP_CWORD == 1)) && words='${[...NAMES, 'completion', 'help'].join(' ')}'
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _redlock redlock
`;
}
