import { parseArgs } from 'node:util';
import type { OtherRuntime } from 'test-kit';

const USAGE = `Usage: pnpm compatibility [--nodes <majors>] [--others <names>]

Runs the conformance suite for every adapter, client, topology and runtime, some minutes for each of
these, with the packages as they would be published. Writes docs/compatibility.md.

  --nodes   major versions of Node, 20,22,24,26 by default; npm brings those that are not this one
  --others  other runtimes, bun,deno by default, or none; npm brings them
  --help    this text`;

/** What the suite is run on. */
interface Arguments {
  readonly majors: readonly string[];
  readonly others: readonly OtherRuntime[];
}

/** Ends the process after `--help`. Throws for arguments that are none. */
export function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '20,22,24,26' },
      others: { type: 'string', default: 'bun,deno' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit();
  }
  const { nodes, others } = values;
  const names = others === 'none' ? [] : others.split(',');
  const majors = nodes.split(',').filter((major) => /^\d+$/.test(major));
  if (majors.length !== nodes.split(',').length || !names.every(isOther)) throw new Error(USAGE);
  return { majors, others: names };
}

function isOther(name: string): name is OtherRuntime {
  return name === 'bun' || name === 'deno';
}
