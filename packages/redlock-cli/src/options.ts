import { parseArgs, type ParseArgsConfig } from 'node:util';
import type { Io } from './io.js';

/** The most permits that a semaphore of the library has. */
export const MAX_PERMITS = 1000;

/** Says what is wrong with the arguments of the command line, and what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** One option, for parsing, for the help and for completion. */
export interface Option<T = unknown> {
  /** The placeholder of the value; a flag has none. */
  readonly value?: string;
  readonly short?: string | undefined;
  readonly help: string;
  /** The value if the option is not given. */
  readonly initial: T;
  /**
   * @param name as in `--ttl`
   * @throws UsageError
   */
  readonly read: (text: string, name: string) => T;
}

export type Options = Readonly<Record<string, Option>>;

export type Values<O extends Options> = {
  readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never;
};

/** One command of the binary. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name in the help. */
  readonly synopsis: string;
  readonly details: string;
  /** The options of some commands only. */
  readonly options: Options;
  /** Exit codes and examples, for the help. */
  readonly notes: string;
  /**
   * @param args what follows the command's name, without `--help`
   * @returns the exit code of the process
   * @throws UsageError for invalid arguments, QuorumError if too few nodes answer
   */
  run(args: readonly string[], io: Io): Promise<number>;
}

export function flag(help: string, short?: string): Option<boolean> {
  return { short, help, initial: false, read: () => true };
}

export function text(value: string, help: string): Option<string | null> {
  return { value, help, initial: null, read: (given) => given };
}

/** An option whose value is read as whole ms. */
export function duration<T extends number | null>(
  help: string,
  initial: T,
  { short, least = 0 }: { short?: string; least?: number } = {},
): Option<T | number> {
  return {
    value: 'T',
    short,
    help,
    initial,
    read: (given, name) => durationOf(given, name, least),
  };
}

/** An option whose value is a whole number. */
export function number<T extends number | null>(
  value: string,
  help: string,
  initial: T,
  [least, most]: readonly [number, number],
  short?: string,
): Option<T | number> {
  const read = (given: string, name: string): number => {
    const count = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    if (count >= least && count <= most) return count;
    throw invalid(name, given, `a number from ${least} to ${most}`);
  };
  return { value, short, help, initial, read };
}

/** The options of every command. */
export const COMMON = {
  nodes: text('URL,…', 'the nodes; by default those in REDLOCK_NODES'),
  'nodes-file': text('FILE', 'the nodes, one URL a line'),
  ca: text('FILE', 'the authority to trust, for rediss:// and valkeys://'),
  cert: text('FILE', "the client's certificate"),
  key: text('FILE', "the key of the client's certificate"),
  'key-prefix': text('P', 'the keyPrefix of your programs'),
  owner: text('LABEL', 'a label that other clients see'),
  quarantine: {
    value: 'Q',
    help: 'true (default), false or strict, as in the library',
    initial: true,
    read: (given, name) => {
      if (given === 'strict') return given;
      if (given === 'true' || given === 'false') return given === 'true';
      throw invalid(name, given, 'true, false or strict');
    },
  } as Option<boolean | 'strict'>,
} satisfies Options;

/**
 * Reads the options and the other arguments.
 * @param args without `--` and what follows it
 * @throws UsageError
 */
export function parse<O extends Options>(
  args: readonly string[],
  own: O,
): { values: Values<O & typeof COMMON>; positionals: readonly string[] } {
  const options: [string, Option][] = Object.entries({ ...own, ...COMMON });
  const types = options.map(([name, { value, short }]) => {
    const type = value === undefined ? 'boolean' : 'string';
    return [name, { type, ...(short !== undefined && { short }) }] as const;
  });
  const config = { args: [...args], options: Object.fromEntries(types), allowPositionals: true };
  const { values: given, positionals } = parsed(config);
  const values = options.map(([name, { initial, read }]) => {
    const value = given[name];
    return [name, value === undefined ? initial : read(String(value), `--${name}`)];
  });
  return { values: Object.fromEntries(values) as Values<O & typeof COMMON>, positionals };
}

function parsed(config: ParseArgsConfig): ReturnType<typeof parseArgs> {
  try {
    return parseArgs(config);
  } catch (error) {
    // The sentences that follow are about positional arguments, which a command after `--` is not.
    const [what] = (error as Error).message.split(/\.\s/);
    throw new UsageError(`${what}. See redlock help.`);
  }
}

/** @throws UsageError if more than one of these options is given */
export function requireOne(given: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(given).filter((name) => given[name] !== null && given[name] !== false);
  if (names.length <= 1) return;
  throw new UsageError(`${names.join(' and ')} exclude each other. Choose one.`);
}

/** The one resource of a command. */
export function resourceOf([resource = '', surplus]: readonly string[]): string {
  if (resource === '') {
    throw new UsageError('missing resource. Name what to lock, for example nightly-report.');
  }
  if (surplus === undefined) return resource;
  throw unexpected(surplus, 'Give one resource, and a command after --.');
}

export function unexpected(argument: string, advice: string): UsageError {
  return new UsageError(`unexpected argument ${JSON.stringify(argument)}. ${advice}`);
}

function invalid(name: string, given: string, expected: string): UsageError {
  return new UsageError(`invalid ${name} ${JSON.stringify(given)}. Use ${expected}.`);
}

/**
 * Calls the library, which refuses bad arguments.
 * @throws UsageError for those
 */
export async function asUsage<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new UsageError(error.message);
  }
}

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Reads a duration as `500ms`, `10s`, `5m`, `1h`, or a number of seconds.
 * @param least in ms
 * @returns whole ms
 * @throws UsageError
 */
export function durationOf(given: string, name: string, least = 0): number {
  const [, amount, unit = 's'] = DURATION.exec(given) ?? [];
  const ms = Math.round(Number(amount) * (UNITS[unit] ?? 1));
  if (!Number.isSafeInteger(ms))
    throw invalid(name, given, '500ms, 10s, 5m, 1h, or a number of seconds');
  if (ms < least) throw new UsageError(`${name} must be greater than 0.`);
  return ms;
}
