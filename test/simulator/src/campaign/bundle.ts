import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { IN_CORE } from '../mutants/in-core.js';
import type { Mutant } from '../mutants/mutants.js';

const CORE = path('../../../../packages/redlock-core/src/');
const IN_CORE_FILE = path('../../src/mutants/in-core.ts');

/** Modules that replace those of the core. */
const NAMESPACE = 'mutant';

/**
 * Compiles the simulator with the core's sources, as they are or with a mistake.
 * @returns the file of a worker
 */
export async function bundle(mutant?: Mutant): Promise<string> {
  // Mutants that are wrong around the core share its bundle.
  const name = mutant && mutant.name in IN_CORE ? mutant.name : null;
  const outfile = path(`../../dist/bundles/${name?.replaceAll(/\W+/g, '-') ?? 'core'}.mjs`);
  await build({
    entryPoints: [path('../../src/campaign/worker.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'silent',
    plugins: name === null ? [] : [mutantPlugin(name)],
  });
  return outfile;
}

/** Replaces exports of the core's modules by those of a mutant, as the core is compiled. Nothing on disk changes. */
function mutantPlugin(name: string): Plugin {
  const [, ...policies] = IN_CORE[name] ?? [];
  const wrongs = new Map(
    policies.map(({ module, wrong }) => [join(CORE, `${module}.ts`), Object.keys(wrong)]),
  );
  return {
    name: NAMESPACE,
    setup(builder) {
      builder.onResolve({ filter: /\.js$/ }, ({ path: module, resolveDir, namespace }) => {
        const file = join(resolveDir, module).replace(/\.js$/, '.ts');
        const isReplaced = namespace !== NAMESPACE && wrongs.has(file);
        return isReplaced ? { path: file, namespace: NAMESPACE } : undefined;
      });
      builder.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path: file }) => {
        const index = [...wrongs.keys()].indexOf(file) + 1;
        const contents = [
          `export * from ${JSON.stringify(file)};`,
          `import * as real from ${JSON.stringify(file)};`,
          `import { IN_CORE } from ${JSON.stringify(IN_CORE_FILE)};`,
          `const { wrong } = IN_CORE[${JSON.stringify(name)}][${index}];`,
          ...(wrongs.get(file) ?? []).map(
            (each) => `export const ${each} = wrong.${each}(real.${each}, real);`,
          ),
        ].join('\n');
        return { contents, resolveDir: dirname(file), loader: 'js' };
      });
    },
  };
}

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
