import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Entries that export nothing but a default. In CommonJS, it is what `require` returns, as it was in redlock 4. */
export function soleDefaultsOf({ outputs }, entries) {
  const isSole = (entry) => outputs[`dist/${entry}.js`]?.exports.join() === 'default';
  return new Set(entries.filter(isSole));
}

/** Makes the default of a CommonJS module all that it exports. */
export async function exportDefaultAlone(directory, entry) {
  const file = join(directory, 'dist', `${entry}.cjs`);
  await appendFile(file, 'module.exports = module.exports.default;\n');
}

/**
 * The same, for its declarations. Types have their names in the namespace of the default, because `export =` leaves no
 * place for others.
 * @param {string} text
 */
export function declareDefaultAlone(text) {
  return text
    .replaceAll(/^export type \{.*\n/gm, '')
    .replace(/^export default (\w+);$/m, 'export = $1;');
}
