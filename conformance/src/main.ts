import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { nodeBinary, versionOf } from './node-binary.js';
import { type Cell, page } from './page.js';
import type { Result } from './result.js';
import { serverVersion } from './server-version.js';
import { subjects } from './subjects/index.js';
import { topologies } from './topology.js';

// Runs the conformance suite for each cell of docs/compatibility.md, and writes that.
const { values } = parseArgs({ options: { nodes: { type: 'string', default: '20,22,24,26' } } });
const script = fileURLToPath(new URL('run.js', import.meta.url));
const target = fileURLToPath(new URL('../../docs/compatibility.md', import.meta.url));
const run = promisify(execFile);

/** Runs take turns, so that no server waits for another's run. */
const LANES = 2;

const cells: Cell[] = [];
const binaries = await Promise.all(values.nodes.split(',').map(nodeBinary));
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
