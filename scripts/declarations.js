import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { declareDefaultAlone } from './sole-default.js';

/** A relative specifier, in `from './x.js'` or `import('./x.js')`. */
const RELATIVE = /((?:\bfrom |\bimport\()['"])(\.{1,2}\/[^'"]+)\.js(?=['"])/g;

/**
 * Copies the declarations that can be reached from the entries, and makes their twins for CommonJS:
 * TypeScript takes the format of a declaration from its extension. The others are of internals.
 * @param {string} directory of the package
 * @param {readonly string[]} entries without extension
 * @param {ReadonlySet<string>} soleDefaults the entries that export nothing but a default
 * @returns {Promise<string[]>} the files that it has written, from the package
 */
export async function copyDeclarations(directory, entries, soleDefaults) {
  const reached = new Set(entries);
  // The set grows while it is walked.
  for (const module of reached) {
    const source = join(directory, 'declarations', `${module}.d.ts`);
    const target = join(directory, 'dist', `${module}.d.ts`);
    const text = (await readFile(source, 'utf8')).replace(/\n\/\/# sourceMappingURL=.*$/, '\n');
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
    const inCommonJs = soleDefaults.has(module) ? declareDefaultAlone(text) : text;
    await writeFile(target.replace(/\.ts$/, '.cts'), inCommonJs.replaceAll(RELATIVE, '$1$2.cjs'));
    for (const [, , specifier] of text.matchAll(RELATIVE)) {
      reached.add(join(dirname(module), specifier));
    }
  }
  return [...reached].flatMap((module) =>
    ['.d.ts', '.d.cts'].map((extension) => join('dist', module + extension)),
  );
}
