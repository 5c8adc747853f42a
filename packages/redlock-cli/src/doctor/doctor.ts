import type { RedisNode } from 'redlock-core';
import { parseAll } from '../arguments.js';
import type { Command } from '../command.js';
import { durationOf } from '../duration.js';
import { nodesOf } from '../nodes.js';
import { UsageError } from '../usage-error.js';
import { diagnose } from './diagnose.js';
import type { Diagnosis } from './diagnosis.js';
import { reportOf } from './report.js';
import type { DiagnoseOptions } from './options.js';
import { USAGE } from './usage.js';

const OPTIONS = {
  nodes: { type: 'string' },
  ttl: { type: 'string', default: '10s' },
  prefix: { type: 'string', default: '' },
  quarantine: { type: 'string', default: 'true' },
  json: { type: 'boolean', default: false },
} as const;

const QUARANTINES: ReadonlyMap<string, boolean | 'strict'> = new Map<string, boolean | 'strict'>([
  ['true', true],
  ['false', false],
  ['strict', 'strict'],
]);

/** `redlock doctor`: says what is wrong with the nodes. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'says what is wrong with the nodes',
  usage: USAGE,
  async run(args, io) {
    const { nodes, json, ...options } = settingsOf(args, io.env);
    try {
      const diagnosis = await diagnose(nodes, options);
      io.print(json ? `${JSON.stringify(diagnosis)}\n` : reportOf(diagnosis, nodes.length));
      return exitCodeOf(diagnosis);
    } finally {
      await Promise.all(nodes.map(async (node) => node.close?.()));
    }
  },
};

interface Settings extends DiagnoseOptions {
  readonly nodes: readonly RedisNode[];
  readonly json: boolean;
}

function settingsOf(args: readonly string[], environment: NodeJS.ProcessEnv): Settings {
  const { values, positionals } = parseAll(args, OPTIONS);
  const [surplus] = positionals;
  if (surplus !== undefined) {
    throw new UsageError(
      `${JSON.stringify(surplus)} is one argument too many: doctor looks at nodes, not at a lock`,
    );
  }
  const quarantine = QUARANTINES.get(values.quarantine);
  if (quarantine === undefined) {
    throw new UsageError(
      `--quarantine ${JSON.stringify(values.quarantine)} is not true, false or strict`,
    );
  }
  const ttl = durationOf(values.ttl, '--ttl');
  if (ttl === 0) throw new UsageError('--ttl must be longer than 0');
  const nodes = nodesOf(values.nodes, environment);
  return { nodes, json: values.json, ttl, keyPrefix: values.prefix, quarantine };
}

function exitCodeOf({ sound, findings }: Diagnosis): number {
  if (!sound) return 2;
  return findings.some(({ level }) => level === 'warning') ? 1 : 0;
}
