import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

// Makes one ES module for browsers of the live cluster and of the core in it. Whoever imports that module needs no
// stand-ins of its own for what Node has and browsers do not.

const FILE = path('dist/live-cluster.js');

/** The stand-ins. Each says why it is enough. */
const STAND_INS = {
  'node:async_hooks': path('src/browser/async-hooks.ts'),
  'node:crypto': path('src/browser/crypto.ts'),
  'node:diagnostics_channel': path('src/browser/diagnostics-channel.ts'),
  'node:timers': path('src/browser/timers.ts'),
};

/** @returns {Promise<Uint8Array>} the module */
export async function compile() {
  const { outputFiles } = await build({
    entryPoints: [path('src/index.ts')],
    outfile: FILE,
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    alias: STAND_INS,
    inject: [path('src/browser/process.ts')],
    logLevel: 'warning',
  });
  return outputFiles[0].contents;
}

/**
 * @param {string} file where the module is written
 * @returns {Promise<number>} its size in bytes, compressed as it is sent
 */
export async function bundle(file = FILE) {
  const contents = await compile();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, contents);
  return gzipSync(contents).length;
}

function path(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}

const [, program] = process.argv;
if (program && import.meta.url === pathToFileURL(resolve(program)).href) {
  const bytes = await bundle();
  console.log(`dist/live-cluster.js: ${Math.ceil(bytes / 1000)} kB compressed`);
}
