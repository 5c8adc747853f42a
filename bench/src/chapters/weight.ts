import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { type Chapter, type Context, type Row, type Table, tableOf } from '../chapter.js';
import { spreadOf } from '../figure.js';
import { OURS, PACKAGES, REFERENCE, RIVALS, UNFENCED } from '../libraries/roster.js';
import { Servers } from '../servers.js';
import { runJob } from '../worker.js';

const HERE = fileURLToPath(new URL('../..', import.meta.url));

/** What it costs a program to have a library, and what a lock leaves to the engine. */
export const weight: Chapter = {
  name: 'weight',
  measures: 'import time and size; garbage and compiled functions of locks',
  page: 'bench',
  run: async (context) => [await importTable(context), await engineTable(context)],
};

const CLIENTS = ['ioredis', 'iovalkey', 'redis', '@redis/client', '@valkey/valkey-glide'];

/** What a program imports. */
const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  'redlock-core and its ioredis adapter': ['redlock-core', 'redlock-ioredis-adapter'],
  'redlock-core and `redlock-core/adapter`': ['redlock-core', 'redlock-core/adapter'],
  'redlock-core and `redlock-core/memory`': ['redlock-core', 'redlock-core/memory'],
  ...Object.fromEntries(
    Object.entries(PACKAGES).flatMap(([name, installed]) =>
      CLIENTS.includes(installed) ? [] : [[name, [installed]]],
    ),
  ),
};

async function importTable({ short, progress }: Context): Promise<Table> {
  progress('weight: imports');
  const runs = short ? 2 : 20;
  const imports = Object.entries(IMPORTS).map(([name, entries]) => ({
    name,
    entries,
    times: [] as number[],
  }));
  for (let run = 0; run < runs; run++) {
    for (const { entries, times } of run % 2 === 0 ? imports : imports.toReversed()) {
      times.push(await timeImport(entries));
    }
  }
  const rows = imports.map(async ({ name, entries, times }): Promise<Row> => {
    const code = await bundle(entries);
    const figures = {
      ms: spreadOf(times),
      minified: code.length / 1000,
      gzip: gzipSync(code).length / 1000,
      brotli: brotliCompressSync(code).length / 1000,
    };
    return { name, figures };
  });
  return tableOf(
    'Size and import time',
    `Import: in a fresh process that has imported the client already, median of ${runs} fresh processes (min–max), in turn. Bundle: minified, with dependencies, without the client.`,
    [
      { key: 'ms', heading: 'import, ms', digits: 1 },
      { key: 'minified', heading: 'minified, kB', digits: 1 },
      { key: 'gzip', heading: 'gzip, kB', digits: 1 },
      { key: 'brotli', heading: 'brotli, kB', digits: 1 },
    ],
    await Promise.all(rows),
  );
}

/** In a fresh process, without its start and the client, whose times vary by more than this takes. */
async function timeImport(entries: readonly string[]): Promise<number> {
  const script = [
    `await import('${entries.includes('@redis-kit/lock') ? 'redis' : 'ioredis'}')`,
    'const start = performance.now()',
    ...entries.map((name) => `await import('${name}')`),
    'console.log(performance.now() - start)',
  ].join(';');
  const node = ['--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: HERE });
  return Number(stdout);
}

/** One minified ES module with entries and all dependencies except the clients. */
async function bundle(entries: readonly string[]): Promise<Uint8Array> {
  const imports = entries.map((name, index) => `import * as all${index} from '${name}';`);
  const uses = entries.map((_, index) => `all${index}`).join(', ');
  const { outputFiles } = await build({
    stdin: { contents: `${imports.join('\n')}\nglobalThis.all = [${uses}];`, resolveDir: HERE },
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    external: CLIENTS,
    // The workspace's own would lead from packages to their sources.
    tsconfigRaw: {},
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

const FULL = { warmUp: 7000, locks: 1000 };
const SHORT = { warmUp: 300, locks: 200 };
const LIMIT = 120_000;

/** The new generation of the heap is so large that nothing is collected while locks are counted. */
const FLAGS = ['--trace-opt', '--min-semi-space-size=256', '--max-semi-space-size=256'];

async function engineTable({ short, progress }: Context): Promise<Table> {
  const plan = short ? SHORT : FULL;
  const rows: Row[] = [];
  for (const { name } of [OURS, UNFENCED, ...RIVALS, REFERENCE]) {
    progress(`weight: garbage of ${name}`);
    await using servers = await Servers.start();
    let compiled = 0;
    const onText = (text: string): void => {
      compiled += text.match(/completed optimizing/g)?.length ?? 0;
    };
    const input = { library: name, nodes: servers.addresses, ...plan };
    const { garbage, left } = await runJob('lockAlone', input, LIMIT, { flags: FLAGS, onText });
    const figures = { compiled, garbage: garbage / 1000, left: left / 1024 };
    rows.push({ name, figures });
  }
  return tableOf(
    'Garbage and compiled functions',
    `One caller in a fresh process, one lock at a time, five nodes: ${plan.warmUp} locks, and ${plan.locks} of which each leaves so much garbage. Compiled: functions that the engine has optimized since the start of the process. Left: heap after garbage collection, after the locks that count.`,
    [
      { key: 'compiled', heading: 'functions compiled', digits: 0 },
      { key: 'garbage', heading: 'garbage a lock, kB', digits: 1 },
      { key: 'left', heading: 'left, KiB', digits: 0 },
    ],
    rows,
  );
}
