import { resolve } from 'node:path';
import { readPackages } from './packages.js';
import { packAll } from './tarballs.js';

// Packs every package as it is built, and says where it is unpacked: <directory>

const [, , directory = '.'] = process.argv;
const tarballs = await packAll(await readPackages(), resolve(directory));
console.log(
  JSON.stringify(tarballs.map(({ manifest, directory: at }) => ({ manifest, directory: at }))),
);
