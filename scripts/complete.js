import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { completeManifest, textOf } from './manifest.js';
import { readManifest, readPackages, ROOT } from './packages.js';

// Writes into each package what follows from the root's package.json, and the licence.

const root = await readManifest(ROOT);
const packages = await readPackages();
for (const each of packages) {
  const { directory } = each;
  await writeFile(join(directory, 'package.json'), textOf(completeManifest(each, root, packages)));
  await copyFile(join(ROOT, 'LICENSE'), join(directory, 'LICENSE'));
}
