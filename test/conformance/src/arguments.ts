import { readCommandLine } from 'test-kit/arguments';
import type { OtherRuntime } from 'test-kit';

const OTHERS = ['bun', 'deno'] as const;

/** What the suite shall be run on. */
interface Arguments {
  readonly majors: readonly string[];
  readonly others: readonly OtherRuntime[];
}

export function readArguments(): Arguments {
  return readCommandLine({
    usage: `Usage: pnpm compatibility [--nodes <majors>] [--others <names>]

Runs the conformance suite for every adapter, client, topology and runtime, some minutes for each of
these, with the packages as they would be published. Writes docs/compatibility.md.

  --nodes   major versions of Node, 20,22,24,26 by default; npm brings those that are not this one
  --others  other runtimes, bun,deno by default, or none; npm brings them
  --help    this text`,
    options: {
      nodes: { type: 'string', default: '20,22,24,26' },
      others: { type: 'string', default: OTHERS.join() },
    },
    argumentsOf: ({ nodes, others: names }) => ({
      majors: listOf('--nodes', 'major versions of Node', nodes, isMajor),
      others: names === 'none' ? [] : listOf('--others', OTHERS.join(' or '), names, isOther),
    }),
  });
}

/** The parts of a list with commas, each of which is as it must be. */
function listOf<T extends string>(
  option: string,
  what: string,
  given: string,
  isGood: (one: string) => one is T,
): T[] {
  const parts = given.split(',');
  if (parts.every(isGood)) return parts;
  throw new Error(`${option} must be ${what} with commas between them, not '${given}'`);
}

function isMajor(one: string): one is `${number}` {
  return /^\d+$/.test(one);
}

function isOther(one: string): one is OtherRuntime {
  return OTHERS.some((name) => name === one);
}
