import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import type { Mutant } from './mutants.js';

const CORE = new URL('../../packages/redlock-core/src/', import.meta.url);

/** Puts a mutant's mistake into the core's source as it is compiled. Nothing on disk changes. */
export function mutation({ file, right, wrong, name }: Mutant): Plugin {
  const path = fileURLToPath(new URL(file, CORE));
  return {
    name: 'mutation',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async (loaded) => {
        if (loaded.path !== path) return undefined;
        const parts = (await readFile(path, 'utf8')).split(right);
        if (parts.length !== 2) {
          throw new Error(
            `Mutant ${name}: ${file} has ${parts.length - 1} times ${right}, not once`,
          );
        }
        return { contents: parts.join(wrong), loader: 'ts' };
      });
    },
  };
}
