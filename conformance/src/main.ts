import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readCommandLine } from 'command-line';
import { nodeBinary, versionOf } from './node-binary.js';
import { type Cell, page } from './page.js';
import type { Result } from './result.js';
import { serverVersion } from './server-version.js';
import { subjects } from './subjects/index.js';
import { topologies } from './topology.js';

const majors = readCommandLine({
  usage: `Usage: pnpm compatibility [--nodes <majors>]

Runs the conformance suite for every adapter, client, topology and version of Node, some minutes for
each of these, and writes docs/compatibility.md.

  --nodes  major versions of Node, 20,22,24,26 by default; npm brings those that are not this one
  --help   this text`,
  options: { nodes: { type: 'string', default: '20,22,24,26' } },
  argumentsOf: ({ nodes }) => {
    const given = nodes.split(',');
    if (given.every((major) => /^\d+$/.test(major))) return given;
    throw new Error(`--nodes must be major versions with commas between them, not '${nodes}'`);
  },
});
const script = fileURLToPath(new URL('run.js', import.meta.url));
const target = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url));
const run = promisify(execFile);

/** Runs take turns, so that no server waits for another's run. */
const LANES = 2;

const cells: Cell[] = [];
const binaries = await Promise.all(majors.map(nodeBinary));
const versions = await Promise.all(binaries.map(versionOf));
const server = await serverVersion();
const runs = topologies.flatMap((topology) =>
  binaries.flatMap((binary, index) =>
    subjects
      .filter((subject) => subject.topologies.includes(topology))
      .map((subject) => ({ topology, binary, node: versions[index] ?? '', subject })),
  ),
);
await Promise.all(Array.from({ length: LANES }, runNext));

async function runNext(): Promise<void> {
  const next = runs.shift();
  if (!next) return;
  const { topology, binary, node, subject } = next;
  const { adapter, client } = subject;
  const result = await run(binary, [script, client, topology], { maxBuffer: 2 ** 26 }).then(
    ({ stdout, stderr }) => {
      if (stderr) console.error(stderr);
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Result;
    },
    (error: unknown): Result => {
      console.error(error);
      return { passed: 0, skipped: [], failed: ['the run itself'] };
    },
  );
  cells.push({ node, topology, adapter, client, result });
  console.log(`Node ${node}, ${client}, ${topology}: ${result.passed} passed`, result.failed);
  // What has been run so far, should the rest be given up.
  await writeFile(target, page(cells, versions, server));
  await runNext();
}
