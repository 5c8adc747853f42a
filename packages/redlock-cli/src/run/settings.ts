import { hostname } from 'node:os';
import { basename } from 'node:path';
import { ExitCode } from '../exit-code.js';
import {
  type Connection,
  connectionOf,
  durationOf,
  numberOf,
  parse,
  permitsOf,
  resourceOf,
} from '../options.js';
import { UsageError } from '../usage-error.js';

/** What `redlock run` is asked to do. Times are in ms. */
export interface RunSettings extends Connection {
  readonly resource: string;
  /** The command and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly ttl: number;
  /** How long to wait for the lock. */
  readonly wait: number;
  /** The exit code if other clients hold the lock. */
  readonly conflictExitCode: number;
  readonly shared: boolean;
  /** How many commands can run at the same time; null: the lock is not a permit of a semaphore. */
  readonly permits: number | null;
  /** Whether to take the lock from its holder. */
  readonly steal: boolean;
  /** The time from SIGTERM to SIGKILL if the lock cannot be extended. */
  readonly killAfter: number;
  /** For how long the lock is kept after the command has ended; null: it is released at once. */
  readonly keepFor: number | null;
  readonly verbose: boolean;
}

export const OPTIONS = {
  ttl: {
    type: 'string',
    value: 'T',
    help: 'how long the lock outlives a holder that is gone (10s)',
  },
  wait: {
    type: 'string',
    short: 'w',
    value: 'T',
    help: 'wait at most this long for the lock (for ever)',
  },
  nonblock: { type: 'boolean', short: 'n', help: 'do not wait' },
  'conflict-exit-code': {
    type: 'string',
    short: 'E',
    value: 'N',
    help: 'exit code if the lock is held (1)',
  },
  shared: { type: 'boolean', help: 'share the lock with other shared runs, as readers do' },
  permits: { type: 'string', value: 'K', help: 'run up to K commands at the same time' },
  steal: { type: 'boolean', help: 'take the lock from whoever holds it' },
  'kill-after': {
    type: 'string',
    value: 'T',
    help: 'from SIGTERM to SIGKILL if the lock is lost (ttl/3, at most 5s)',
  },
  'keep-for': { type: 'string', value: 'T', help: 'keep the lock for this long after the command' },
  verbose: { type: 'boolean', help: 'log to stderr what happens' },
} as const;

/** The default of `--kill-after` is at most this, in ms. */
const MAX_KILL_AFTER = 5000;

/** @throws UsageError */
export function runSettingsOf(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): RunSettings {
  const [own, command] = splitAtCommand(args);
  const { values, positionals } = parse(own, OPTIONS);
  const { shared = false, steal = false, permits } = values;
  const exclusive = [shared && '--shared', permits && '--permits', steal && '--steal'].filter(
    Boolean,
  );
  if (exclusive.length > 1) {
    throw new UsageError(`${exclusive.join(' and ')} exclude each other. Choose one.`);
  }
  const ttl = durationOf(values.ttl ?? '10s', '--ttl', 1);
  const keepFor = values['keep-for'];
  const { nodes, options } = connectionOf(values, environment);
  return {
    nodes,
    options: { owner: ownerOf(command[0]), ...options },
    resource: resourceOf(positionals),
    command,
    ttl,
    wait: waitOf(values.wait, values.nonblock),
    conflictExitCode: numberOf(
      values['conflict-exit-code'] ?? String(ExitCode.LOCKED),
      '-E',
      [0, 255],
    ),
    shared,
    permits: permitsOf(permits),
    steal,
    killAfter: killAfterOf(values['kill-after'], ttl),
    keepFor: keepFor === undefined ? null : durationOf(keepFor, '--keep-for', 1),
    verbose: values.verbose ?? false,
  };
}

function splitAtCommand(args: readonly string[]): [readonly string[], [string, ...string[]]] {
  const end = args.indexOf('--');
  const [program, ...rest] = end === -1 ? [] : args.slice(end + 1);
  if (program) return [args.slice(0, end), [program, ...rest]];
  throw new UsageError(
    'missing command. Write it after --, as in redlock run RESOURCE -- COMMAND.',
  );
}

function waitOf(wait: string | undefined, nonblock = false): number {
  if (wait === undefined) return nonblock ? 0 : Infinity;
  if (nonblock) throw new UsageError('--wait and -n exclude each other. Choose one.');
  return durationOf(wait, '--wait');
}

function killAfterOf(text: string | undefined, ttl: number): number {
  if (text === undefined) return Math.min(MAX_KILL_AFTER, ttl / 3);
  const killAfter = durationOf(text, '--kill-after');
  // There must be time for an extension, which is due when two thirds of the ttl are left.
  if (killAfter <= ttl / 2) return killAfter;
  throw new UsageError(
    `--kill-after ${text} exceeds half of the ttl. Use --ttl ${(2 * killAfter) / 1000}s or more.`,
  );
}

/** The longest label, in characters (`RedlockOptions.owner`). */
const MAX_LABEL = 40;
const MAX_HOST = 20;

/** The label that shows other clients who holds the lock: `web-3/4711 report.sh`. */
export function ownerOf(program: string): string {
  const [host = ''] = hostname().split('.');
  const label = `${host.slice(0, MAX_HOST)}/${process.pid} ${basename(program)}`;
  return label
    .replaceAll(/[^ -~]/g, '?')
    .replaceAll(':', '-')
    .slice(0, MAX_LABEL);
}
