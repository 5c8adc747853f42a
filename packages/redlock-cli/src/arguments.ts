import { parseArgs, type ParseArgsConfig } from 'node:util';
import { insteadOf } from './nearest.js';
import { UsageError } from './usage-error.js';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true }>
>;

/**
 * Reads options and the one resource of a command.
 * @param args without `--` and what follows it
 * @throws UsageError for an unknown option, one without its value, or not exactly one resource
 */
export function parse<const O extends Options>(
  args: readonly string[],
  options: O,
): { readonly values: Parsed<O>['values']; readonly resource: string } {
  const { values, positionals } = parseAll(args, options);
  const [resource, second] = positionals;
  if (resource === undefined || resource === '') {
    throw new UsageError(
      'no resource is given: name what is to be locked, for example nightly-report',
    );
  }
  if (second === undefined) return { values, resource };
  throw new UsageError(
    `${JSON.stringify(second)} is one argument too many: only one resource is locked, and a command comes after --`,
  );
}

/**
 * Reads options and all else.
 * @throws UsageError for an unknown option, or one without its value
 */
export function parseAll<const O extends Options>(args: readonly string[], options: O): Parsed<O> {
  requireKnown(args, options);
  return parseArgs({ args: [...args], options, allowPositionals: true });
}

/** Says more shortly than `parseArgs` what is wrong. */
function requireKnown(args: readonly string[], options: Options): void {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { name, rawName, value, inlineValue } = token;
    const type = Object.hasOwn(options, name) ? options[name]?.type : undefined;
    if (type === undefined) {
      const names = Object.keys(options).map((known) => `--${known}`);
      throw new UsageError(`there is no option ${rawName}${insteadOf(rawName, names)}`);
    }
    // An argument that begins with a dash is the next option, and no value; behind a `=` it is one.
    const isMissing = value === undefined || (!inlineValue && value.startsWith('-'));
    if (type === 'string' && isMissing) throw new UsageError(`${rawName} needs a value`);
    if (type === 'boolean' && value !== undefined)
      throw new UsageError(`${rawName} takes no value`);
  }
}

/**
 * Reads a whole number.
 * @throws UsageError if the text is none, or out of range
 */
export function numberOf(
  text: string,
  option: string,
  [least, most]: readonly [number, number],
): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`${option} ${JSON.stringify(text)} is no number from ${least} to ${most}`);
}
