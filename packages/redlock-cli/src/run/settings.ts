import { hostname } from 'node:os';
import { basename } from 'node:path';
import { ExitCode } from '../io.js';
import { connectionOf } from '../nodes.js';
import {
  duration,
  flag,
  MAX_PERMITS,
  number,
  parse,
  requireOne,
  resourceOf,
  UsageError,
} from '../options.js';

export const OPTIONS = {
  ttl: duration('how long the lock outlives a holder that is gone (10s)', 10_000, { least: 1 }),
  wait: duration('wait at most this long for the lock (for ever)', null, { short: 'w' }),
  nonblock: flag('do not wait', 'n'),
  'conflict-exit-code': number(
    'N',
    'exit code if the lock is held (1)',
    ExitCode.LOCKED,
    [0, 255],
    'E',
  ),
  shared: flag('share the lock with other shared runs, as readers do'),
  permits: number('K', 'run up to K commands at the same time', null, [1, MAX_PERMITS]),
  steal: flag('take the lock from its holder'),
  'kill-after': duration('from SIGTERM to SIGKILL if the lock is lost (ttl/3, at most 5s)', null),
  'keep-for': duration('keep the lock for this long after the command', null, { least: 1 }),
  verbose: flag('log to stderr what happens'),
};

/** The settings of `redlock run`. Times are in ms. */
export type RunSettings = ReturnType<typeof runSettingsOf>;

/** @throws UsageError */
export function runSettingsOf(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const [own, command] = splitAtCommand(args);
  const { values, positionals } = parse(own, OPTIONS);
  const { ttl, wait, nonblock, shared, permits: count, steal, verbose } = values;
  requireOne({ '--shared': shared, '--permits': count, '--steal': steal });
  requireOne({ '--wait': wait, '-n': nonblock });
  const { nodes, options } = connectionOf(values, environment);
  return {
    nodes,
    options: { owner: ownerOf(command[0]), ...options },
    resource: resourceOf(positionals),
    command,
    ttl,
    /** How long to wait for the lock. */
    wait: nonblock ? 0 : (wait ?? Infinity),
    conflictExitCode: values['conflict-exit-code'],
    shared,
    /** How many commands can run at the same time; null: the lock is not a permit of a semaphore. */
    permits: count,
    steal,
    killAfter: killAfterOf(values['kill-after'], ttl),
    /** null: the lock is released when the command has ended. */
    keepFor: values['keep-for'],
    verbose,
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

/** The default of `--kill-after` is at most this, in ms. */
const MAX_KILL_AFTER = 5000;

function killAfterOf(given: number | null, ttl: number): number {
  if (given === null) return Math.min(MAX_KILL_AFTER, ttl / 3);
  // There must be time for an extension, which is due when two thirds of the ttl are left.
  if (given <= ttl / 2) return given;
  throw new UsageError(
    `--kill-after exceeds half of the ttl. Use --ttl ${(2 * given) / 1000}s or more.`,
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
