import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serverVersion } from 'test-kit';
import { readArguments } from './arguments.js';
import { PackedSuite } from './packed-suite.js';
import { type Cell, page } from './page.js';
import type { Result } from './result.js';
import { nodeRuntime, otherRuntime } from './runtime.js';
import { subjects } from './subjects/index.js';
import { topologies } from './topology.js';

const { majors, others } = readArguments();
const target = fileURLToPath(new URL('../../../docs/compatibility.md', import.meta.url));
const run = promisify(execFile);

/** Runs take turns, so that no server waits for another's run. */
const LANES = 2;

const cells: Cell[] = [];
const runtimes = await Promise.all([...majors.map(nodeRuntime), ...others.map(otherRuntime)]);
const names = runtimes.map(({ name }) => name);
const server = await serverVersion();
await using suite = await PackedSuite.make();
const { script } = suite;
const runs = topologies.flatMap((topology) =>
  runtimes.flatMap((runtime) =>
    subjects
      .filter((subject) => subject.topologies.includes(topology))
      .map((subject) => ({ topology, runtime, subject })),
  ),
);
await Promise.all(Array.from({ length: LANES }, runNext));

async function runNext(): Promise<void> {
  const next = runs.shift();
  if (!next) return;
  const { topology, runtime, subject } = next;
  const [binary, ...args] = runtime.command;
  const { adapter, client } = subject;
  const result = await run(binary, [...args, script, client, topology], {
    maxBuffer: 2 ** 26,
  }).then(
    ({ stdout, stderr }) => {
      if (stderr) console.error(stderr);
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Result;
    },
    (error: unknown): Result => {
      console.error(error);
      return { passed: 0, skipped: [], failed: ['the run itself'] };
    },
  );
  cells.push({ runtime: runtime.name, topology, adapter, client, result });
  console.log(`${runtime.name}, ${client}, ${topology}: ${result.passed} passed`, result.failed);
  // What has been run so far, should the rest be given up.
  await writeFile(target, page(cells, names, server));
  await runNext();
}
