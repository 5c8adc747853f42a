import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** The innermost package that a file belongs to. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/**
 * Writes down the licences of the packages that are bundled with ours, as they demand.
 * @param {string} directory of the package
 * @param {import('esbuild').Metafile} metafile
 * @returns {Promise<string[]>} the files that it has written, from the package
 */
export async function writeNotices(directory, metafile) {
  const inputs = Object.keys(metafile.inputs).flatMap((file) => PACKAGE.exec(file)?.[0] ?? []);
  const bundled = [...new Set(inputs)].toSorted();
  if (bundled.length === 0) return [];
  const notices = await Promise.all(bundled.map((path) => noticeOf(resolve(directory, path))));
  const file = join('dist', 'bundled-licenses.txt');
  await writeFile(join(directory, file), `Bundled with this package:\n\n${notices.join('\n')}`);
  return [file];
}

/** @param {string} directory */
async function noticeOf(directory) {
  const { name, version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  const files = await readdir(directory);
  const license = files.find((file) => /^licen[cs]e/i.test(file));
  if (!license) throw new Error(`${name} is bundled and has no licence file`);
  return `${name} ${version}\n\n${await readFile(join(directory, license), 'utf8')}`;
}
