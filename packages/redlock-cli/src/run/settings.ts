import type { RedisNode } from 'redlock-core';
import { parse, numberOf } from '../arguments.js';
import { durationOf } from '../duration.js';
import { ExitCode } from '../exit-code.js';
import { nodesOf } from '../nodes.js';
import { UsageError } from '../usage-error.js';

/** What `redlock run` is asked to do. Times are in ms. */
export interface RunSettings {
  readonly nodes: readonly RedisNode[];
  readonly resource: string;
  /** The command and its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly ttl: number;
  /** How long to wait for the lock. */
  readonly wait: number;
  /** The exit code if others hold the lock. */
  readonly busyCode: number;
  readonly shared: boolean;
  /** How many may run at the same time; null: the lock is no permit of a semaphore. */
  readonly permits: number | null;
  /** How long the command has from SIGTERM to SIGKILL if the lock cannot be kept. */
  readonly killAfter: number;
  /** For how long nobody else gets the lock after the command has ended; null: it is free at once. */
  readonly keepFor: number | null;
  /** Whether to trust no node that has restarted within the ttl or `keepFor`. */
  readonly strict: boolean;
  readonly verbose: boolean;
}

const OPTIONS = {
  nodes: { type: 'string' },
  ttl: { type: 'string', default: '10s' },
  wait: { type: 'string', short: 'w' },
  'no-wait': { type: 'boolean', short: 'n', default: false },
  'busy-code': { type: 'string', short: 'E', default: String(ExitCode.BUSY) },
  shared: { type: 'boolean', default: false },
  permits: { type: 'string' },
  'kill-after': { type: 'string' },
  'keep-for': { type: 'string' },
  strict: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
} as const;

const MOST_PERMITS = 1000;
/** The default of `--kill-after` is at most this, in ms. */
const USUAL_GRACE = 5000;

/** @throws UsageError */
export function runSettingsOf(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): RunSettings {
  const [own, command] = splitAtCommand(args);
  const { values, resource } = parse(own, OPTIONS);
  if (values.shared && values.permits !== undefined) {
    throw new UsageError('--shared and --permits exclude each other: choose one');
  }
  const ttl = positive(values.ttl, '--ttl');
  return {
    nodes: nodesOf(values.nodes, environment),
    resource,
    command,
    ttl,
    wait: waitOf(values.wait, values['no-wait']),
    busyCode: numberOf(values['busy-code'], '-E', [0, 255]),
    shared: values.shared,
    permits:
      values.permits === undefined
        ? null
        : numberOf(values.permits, '--permits', [1, MOST_PERMITS]),
    killAfter: killAfterOf(values['kill-after'], ttl),
    keepFor: values['keep-for'] === undefined ? null : positive(values['keep-for'], '--keep-for'),
    strict: values.strict,
    verbose: values.verbose,
  };
}

function splitAtCommand(args: readonly string[]): [readonly string[], [string, ...string[]]] {
  const end = args.indexOf('--');
  const [program, ...rest] = end === -1 ? [] : args.slice(end + 1);
  if (program) return [args.slice(0, end), [program, ...rest]];
  throw new UsageError(
    'no command is given: write it after --, as in redlock run RESOURCE -- COMMAND',
  );
}

function waitOf(wait: string | undefined, never: boolean): number {
  if (wait !== undefined && never) {
    throw new UsageError('--wait and -n exclude each other: choose one');
  }
  if (wait !== undefined) return durationOf(wait, '--wait');
  return never ? 0 : Infinity;
}

function killAfterOf(text: string | undefined, ttl: number): number {
  if (text === undefined) return Math.min(USUAL_GRACE, ttl / 3);
  const killAfter = durationOf(text, '--kill-after');
  // There must be time for an extension, which is due when two thirds of the ttl are left.
  if (killAfter <= ttl / 2) return killAfter;
  throw new UsageError(
    `--kill-after ${text} is more than half of the ttl: give --ttl ${(2 * killAfter) / 1000}s or more`,
  );
}

function positive(text: string, option: string): number {
  const ms = durationOf(text, option);
  if (ms > 0) return ms;
  throw new UsageError(`${option} must be longer than nothing`);
}
