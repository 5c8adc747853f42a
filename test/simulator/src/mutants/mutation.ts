import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import type { Mutant } from './mutant.js';

const CORE = new URL('../../../../packages/redlock-core/src/', import.meta.url);

/** Puts a mutant's mistake into the core's source as it is compiled. Nothing on disk changes. */
export function mutation({ changes, name }: Mutant): Plugin {
  return {
    name: 'mutation',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const here = changes.filter(({ file }) => fileURLToPath(new URL(file, CORE)) === path);
        if (here.length === 0) return undefined;
        let contents = await readFile(path, 'utf8');
        for (const { file, right, wrong } of here) {
          const parts = contents.split(right);
          if (parts.length !== 2) {
            throw new Error(
              `Mutant ${name}: ${file} has ${parts.length - 1} times ${right}, not once`,
            );
          }
          contents = parts.join(wrong);
        }
        return { contents, loader: 'ts' };
      });
    },
  };
}
