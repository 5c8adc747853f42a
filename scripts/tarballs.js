import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readManifest } from './packages.js';

const run = promisify(execFile);

/**
 * Packs packages as they are built, each once. What is checked, tried out and published is these files.
 * @param {readonly { directory: string }[]} packages
 * @param {string} target directory for the tarballs, and for what is in them
 */
export async function packAll(packages, target) {
  const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', target];
  const directories = packages.map(({ directory }) => directory);
  const { stdout } = await run('npm', [...packing, ...directories], { maxBuffer: 2 ** 26 });
  return Promise.all(
    JSON.parse(stdout).map(async ({ filename, name, size, unpackedSize, files }) => {
      const file = join(target, filename);
      const directory = join(target, 'unpacked', name);
      await mkdir(directory, { recursive: true });
      await run('tar', ['-xzf', file, '-C', directory, '--strip-components=1']);
      const manifest = await readManifest(directory);
      const paths = files.map(({ path }) => path);
      return { file, directory, manifest, size, unpackedSize, paths };
    }),
  );
}

/** The same, in a directory that is there for as long as `use` takes. */
export async function withTarballs(packages, use) {
  const target = await mkdtemp(join(tmpdir(), 'redlock-packed-'));
  try {
    return await use(await packAll(packages, target));
  } finally {
    await rm(target, { recursive: true });
  }
}
