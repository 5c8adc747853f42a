import { mkdir, realpath, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readPackages } from './packages.js';
import { packAll } from './tarballs.js';

// Makes a directory a project that has every package as it is packed, and what these depend on: <directory>.
// Prints the manifests of the packages.

const project = resolve(process.argv[2]);
const packages = await readPackages();
const tarballs = await packAll(packages, project);
const installed = new Set();
for (const { manifest, directory } of tarballs) await place(manifest.name, directory, rename);
for (const { directory, manifest } of packages) {
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    if (installed.has(name)) continue;
    await place(name, await realpath(join(directory, 'node_modules', name)), symlink);
  }
}
// Deno imports nothing that a project does not name.
const dependencies = Object.fromEntries([...installed].map((name) => [name, '*']));
await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, dependencies }));
console.log(JSON.stringify(tarballs.map(({ manifest }) => manifest)));

async function place(name, source, move) {
  const target = join(project, 'node_modules', name);
  await mkdir(dirname(target), { recursive: true });
  await move(source, target);
  installed.add(name);
}
