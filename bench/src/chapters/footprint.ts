import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { build, type Plugin } from 'esbuild';
import { CORE, withoutScripts } from '../fleet.js';
import { HERE, installationOf, installedVersion, packedFiles } from '../installation.js';
import { show, showSpread, spreadOf, sumOf } from '../spread.js';
import { section } from '../table.js';
import type { Chapter } from './index.js';

interface Installed {
  readonly name: string;
  readonly client: string;
  readonly packages: readonly string[];
}

const overIoredis = (name: string, ...packages: readonly string[]): Installed => ({
  name,
  client: 'ioredis',
  packages,
});

/** What to install for each library, beside a client. */
const LIBRARIES: readonly Installed[] = [
  overIoredis('redlock-core with its ioredis adapter', 'redlock-core', 'redlock-ioredis-adapter'),
  overIoredis('redlock-core alone', 'redlock-core'),
  overIoredis('redlock 4', 'redlock-4'),
  overIoredis('redlock 5 beta', 'redlock-5'),
  overIoredis('@sesamecare-oss/redlock', '@sesamecare-oss/redlock'),
  overIoredis('redis-semaphore', 'redis-semaphore'),
  overIoredis('redlock-universal', 'redlock-universal'),
  { name: '@redis-kit/lock', client: 'redis', packages: ['@redis-kit/lock'] },
];

/** What it costs to have a library: to import, to install, to ship. */
export const footprint: Chapter = async ({ plan: { importRuns }, progress }) => {
  progress('import time and size');
  const subjects = LIBRARIES.map((library) => ({ ...library, times: [] as number[] }));
  for (let run = 0; run < importRuns; run++) {
    for (const { client, packages, times } of run % 2 === 0 ? subjects : subjects.toReversed()) {
      times.push(await timeImport(client, packages));
    }
  }
  const rows = subjects.map(async ({ name, packages, times }) => {
    const { dependencies, installedBytes } = await installationOf(packages);
    return [
      name,
      await installedVersion(packages[0] ?? name),
      showSpread(spreadOf(times), 1),
      show(dependencies, 0),
      show(installedBytes / 1000, 0),
      show((await bundle(packages)).brotli / 1000, 1),
    ];
  });
  return [
    section(
      'Size and import time',
      `Import: in a fresh process that has imported the client already, median of ${importRuns} fresh processes (min–max), in turn. Dependencies: packages that are installed with it, without the client. Installed: the package and its dependencies with sources, types and maps, without the client. Bundle: minified, with dependencies, without the client, brotli.`,
      ['', 'version', 'import, ms', 'dependencies', 'installed, kB', 'bundle, kB'],
      await Promise.all(rows),
    ),
    await sizeByPart(),
  ];
};

/** In a fresh process, without its start and the client, whose times vary by more than this takes. */
async function timeImport(client: string, packages: readonly string[]): Promise<number> {
  const script = [
    `await import('${client}')`,
    'const start = performance.now()',
    ...packages.map((name) => `await import('${name}')`),
    'console.log(performance.now() - start)',
  ].join(';');
  const node = ['--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, node, { cwd: HERE });
  return Number(stdout);
}

/** What each entry adds to the main one. */
const ADDED = {
  'the ioredis adapter adds': 'redlock-ioredis-adapter',
  '`redlock-core/adapter` adds': 'redlock-core/adapter',
  '`redlock-core/memory` (the twin in memory) adds': 'redlock-core/memory',
  '`redlock-core/conformance` adds': 'redlock-core/conformance',
};

const EXTRAS = /^(dist|src)\/(memory|testing)\//;

async function sizeByPart(): Promise<string> {
  const core = await bundle(['redlock-core']);
  const bare = await bundle(['redlock-core'], [emptyScripts]);
  const added = Object.entries(ADDED).map(async ([part, entry]) =>
    row(part, await bundle(['redlock-core', entry]), core),
  );
  const files = await packedFiles(dirname(dirname(CORE)));
  const kilobytes = (which: typeof files): string =>
    show(sumOf(which.map(({ size }) => size)) / 1000, 0);
  return section(
    'Size by part',
    `Bundles as above. Of redlock-core as it is installed, ${kilobytes(files)} kB, ${kilobytes(files.filter(({ path }) => !EXTRAS.test(path)))} kB are neither the twin in memory nor testing helpers.`,
    ['', 'minified, kB', 'brotli, kB'],
    [
      row('core, without the twin in memory and the testing helpers', core, NO_BYTES),
      row('of it the scripts', core, bare),
      ...(await Promise.all(added)),
    ],
  );
}

function row(part: string, all: Bundle, without: Bundle): string[] {
  const kilobytes = (size: keyof Bundle): string => show((all[size] - without[size]) / 1000, 1);
  return [part, kilobytes('minified'), kilobytes('brotli')];
}

/** In bytes. */
interface Bundle {
  readonly minified: number;
  readonly brotli: number;
}

const NO_BYTES: Bundle = { minified: 0, brotli: 0 };
const CLIENTS = ['ioredis', 'iovalkey', 'redis', '@redis/client', '@valkey/valkey-glide'];

/** redlock-core with empty scripts. */
const emptyScripts: Plugin = {
  name: 'empty scripts',
  setup: (bundler) => {
    bundler.onLoad({ filter: /\.js$/ }, async ({ path }) =>
      path === CORE ? { contents: withoutScripts(await readFile(path, 'utf8')) } : null,
    );
  },
};

/** One minified ES module with entries and all dependencies except the clients. */
async function bundle(entries: readonly string[], plugins: Plugin[] = []): Promise<Bundle> {
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
    plugins,
    write: false,
    logLevel: 'error',
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: bytes.length, brotli: brotliCompressSync(bytes).length };
}
