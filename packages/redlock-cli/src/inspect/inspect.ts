import { setTimeout as sleep } from 'node:timers/promises';
import { type Inspection, Redlock } from 'redlock-core';
import { parse } from '../arguments.js';
import type { Command } from '../command.js';
import { ExitCode } from '../exit-code.js';
import { nodesOf } from '../nodes.js';
import { UsageError } from '../usage-error.js';
import { described, fingerprint } from './description.js';
import { USAGE } from './usage.js';

const OPTIONS = {
  nodes: { type: 'string' },
  json: { type: 'boolean', default: false },
  watch: { type: 'boolean', default: false },
} as const;

/** How often `--watch` looks, in ms. */
const INTERVAL = 1000;

/** `redlock inspect`: says who holds a lock. */
export const inspect: Command = {
  name: 'inspect',
  summary: 'says who holds a lock',
  usage: USAGE,
  async run(args, io) {
    const { values, resource } = parse(args, OPTIONS);
    await using redlock = new Redlock(nodesOf(values.nodes, io.env));
    let told = '';
    for (;;) {
      const inspection = await look(redlock, resource);
      const seen = fingerprint(inspection);
      if (seen !== told)
        io.print(values.json ? `${JSON.stringify(inspection)}\n` : described(inspection));
      told = seen;
      if (!values.watch) return exitCodeOf(inspection);
      await sleep(INTERVAL);
    }
  },
};

async function look(redlock: Redlock, resource: string): Promise<Inspection> {
  try {
    return await redlock.inspect(resource);
  } catch (error) {
    // With the Redlock open, only a resource that there cannot be is refused.
    throw new UsageError((error as Error).message);
  }
}

function exitCodeOf({ state }: Inspection): number {
  if (state === 'unknown' || state === 'undecided') return ExitCode.UNAVAILABLE;
  return state === 'free' ? ExitCode.FREE : ExitCode.SUCCESS;
}
