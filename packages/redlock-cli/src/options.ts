import { parseArgs } from 'node:util';
import type { RedisNode, RedlockOptions } from 'redlock-core';
import type { Io } from './io.js';
import { nodesOf } from './nodes.js';
import { UsageError } from './usage-error.js';

/** An option, as `parseArgs` reads it and as the help shows it. */
interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** The placeholder of the value. */
  readonly value?: string;
  readonly help?: string;
}

export type Options = Readonly<Record<string, Option>>;

/** One command of the binary. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name in the help. */
  readonly synopsis: string;
  readonly details: string;
  /** The options that not every command has. */
  readonly options: Options;
  /** Exit codes and examples, for the help. */
  readonly notes: string;
  /**
   * @param args what follows the command's name, without `--help`
   * @returns the exit code of the process
   * @throws UsageError for invalid arguments
   */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** The options of every command. */
export const COMMON = {
  nodes: { type: 'string' },
  'nodes-file': { type: 'string' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  'key-prefix': { type: 'string' },
  owner: { type: 'string' },
  quarantine: { type: 'string' },
} as const satisfies Options;

const COMMON_HELP = `
  --nodes URL,…  --nodes-file FILE    the nodes; by default the environment's REDLOCK_NODES
  --ca FILE  --cert FILE  --key FILE  certificates for rediss:// and valkeys://
  --key-prefix P  --owner LABEL  --quarantine true|false|strict    as in the library
`;

type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ options: O & typeof COMMON; allowPositionals: true }>
>;
type CommonValues = Parsed<typeof COMMON>['values'];

/**
 * Reads the options and the other arguments.
 * @param args without `--` and what follows it
 * @throws UsageError for an unknown option, or one without its value
 */
export function parse<const O extends Options>(args: readonly string[], own: O): Parsed<O> {
  const options = { ...own, ...COMMON };
  const config = { args: [...args], options, allowPositionals: true } as const;
  const { tokens } = parseArgs({ ...config, strict: false, tokens: true });
  for (const token of tokens) if (token.kind === 'option') requireValid(token, options);
  return parseArgs<{ options: O & typeof COMMON; allowPositionals: true }>(config);
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/** Words errors better than `parseArgs`. */
function requireValid({ name, rawName, value, inlineValue }: OptionToken, options: Options): void {
  const type = Object.hasOwn(options, name) ? options[name]?.type : undefined;
  if (type === undefined) {
    const names = Object.keys(options).map((known) => `--${known}`);
    throw new UsageError(`unknown option ${rawName}.${hint(rawName, names)}`);
  }
  // An argument that begins with a dash is the next option; after `=` it is a value.
  const isMissing = value === undefined || (!inlineValue && value.startsWith('-'));
  if (type === 'string' && isMissing) throw new UsageError(`${rawName} needs a value.`);
  if (type === 'boolean' && value !== undefined) {
    throw new UsageError(`${rawName} takes no value.`);
  }
}

/** The one resource of a command. */
export function resourceOf([resource = '', surplus]: readonly string[]): string {
  if (resource === '') {
    throw new UsageError('missing resource. Name what to lock, for example nightly-report.');
  }
  if (surplus === undefined) return resource;
  throw new UsageError(
    `unexpected argument ${JSON.stringify(surplus)}. Give one resource, and a command after --.`,
  );
}

/** What every command needs for a Redlock. */
export interface Connection {
  readonly nodes: readonly RedisNode[];
  readonly options: Pick<RedlockOptions, 'keyPrefix' | 'owner' | 'quarantine'>;
}

/** @throws UsageError */
export function connectionOf(values: CommonValues, environment: NodeJS.ProcessEnv): Connection {
  const { 'key-prefix': keyPrefix = '', owner, quarantine = 'true' } = values;
  if (!['true', 'false', 'strict'].includes(quarantine)) {
    const given = JSON.stringify(quarantine);
    throw new UsageError(`invalid --quarantine ${given}. Use true, false or strict.`);
  }
  const mode = quarantine === 'strict' ? 'strict' : quarantine === 'true';
  return {
    nodes: nodesOf(values, environment),
    options: { keyPrefix, quarantine: mode, ...(owner !== undefined && { owner }) },
  };
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
export function durationOf(text: string, option: string, least = 0): number {
  const [, amount, unit = 's'] = DURATION.exec(text) ?? [];
  const ms = Math.round(Number(amount) * (UNITS[unit] ?? 1));
  if (!Number.isSafeInteger(ms)) {
    const given = JSON.stringify(text);
    throw new UsageError(
      `invalid ${option} ${given}. Use 500ms, 10s, 5m, 1h, or a number of seconds.`,
    );
  }
  if (ms >= least) return ms;
  throw new UsageError(`${option} must be greater than 0.`);
}

/**
 * Reads a whole number.
 * @throws UsageError
 */
export function numberOf(
  text: string,
  option: string,
  [least, most]: readonly [number, number],
): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  const given = JSON.stringify(text);
  throw new UsageError(`invalid ${option} ${given}. Use a number from ${least} to ${most}.`);
}

const MAX_PERMITS = 1000;

/** Reads `--permits`; null: it is not given. */
export function permitsOf(text: string | undefined): number | null {
  return text === undefined ? null : numberOf(text, '--permits', [1, MAX_PERMITS]);
}

/** Reads `--permit`, which counts from 0; null: it is not given. */
export function permitOf(text: string | undefined): number | null {
  return text === undefined ? null : numberOf(text, '--permit', [0, MAX_PERMITS - 1]);
}

/** The lines of the help about options. */
export function optionsHelp(own: Options): string {
  const lines = Object.entries(own).map(([name, { short, value, help = '' }]) => {
    const left = `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;
    return `  ${left.padEnd(30)} ${help}\n`;
  });
  return lines.join('') + COMMON_HELP;
}

/** ` Did you mean X?` if a name is a plausible misspelling of one that exists. */
export function hint(given: string, names: readonly string[]): string {
  const near = names.find((name) => {
    const distance = distanceBetween(given, name);
    return distance <= 2 && distance <= given.length / 3;
  });
  return near === undefined ? '' : ` Did you mean ${near}?`;
}

/** The Levenshtein distance, where two neighbors that have changed places are one mistake. */
function distanceBetween(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (line: number, column: number): number => rows[line]?.[column] ?? Infinity;
  for (let i = 1; i <= one.length; i++) {
    const row = (rows[i] = [i]);
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row[j] = Math.min(
        at(i - 1, j - 1) + (isSame ? 0 : 1),
        at(i - 1, j) + 1,
        at(i, j - 1) + 1,
        isSwapped ? at(i - 2, j - 2) + 1 : Infinity,
      );
    }
  }
  return at(one.length, other.length);
}
