// Prints, as JSON, through how many files of the core one call of each kind runs on three memory nodes, and how many
// calls of functions that are. V8 counts them in the built package; its source map names their files.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { SourceMap } from 'node:module';

const CORE = new URL('../../dist/index.js', import.meta.url);

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
const { Redlock } = await import(CORE.href);
const { memoryNode } = await import('../../dist/memory/index.js');
const text = readFileSync(CORE, 'utf8');
const map = new SourceMap(JSON.parse(readFileSync(new URL('index.js.map', CORE), 'utf8')));

function sourceAt(offset) {
  const before = text.slice(0, offset).split('\n');
  const { originalSource } = map.findEntry(before.length - 1, before.at(-1).length);
  return originalSource?.split('/src/')[1];
}

async function walk(call) {
  await session.post('Profiler.takePreciseCoverage');
  const value = await call();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const functions = result.find(({ url }) => url === CORE.href)?.functions ?? [];
  const files = new Set();
  let calls = 0;
  for (const { ranges } of functions) {
    const [{ startOffset, count }] = ranges;
    const file = count > 0 && startOffset > 0 ? sourceAt(startOffset) : undefined;
    if (file === undefined) continue;
    files.add(file);
    calls += count;
  }
  return { value, figures: { files: files.size, calls } };
}

const redlock = new Redlock(['a', 'b', 'c'].map((name) => memoryNode({ name })));
await (await redlock.acquire('other', 10_000)).release();
// A timer may fire during a walk, so the shortest of several counts.
const walks = [];
for (let i = 0; i < 5; i++) {
  const { value: lock, figures: acquire } = await walk(() => redlock.acquire('r', 10_000));
  const { figures: extend } = await walk(() => lock.extend());
  const { figures: release } = await walk(() => lock.release());
  walks.push({ acquire, extend, release });
}
await redlock.close();
const least = (call, figure) => Math.min(...walks.map((each) => each[call][figure]));
const calls = Object.keys(walks[0]);
const shortest = calls.map((call) => [
  call,
  { files: least(call, 'files'), calls: least(call, 'calls') },
]);
console.log(JSON.stringify(Object.fromEntries(shortest)));
