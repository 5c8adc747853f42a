import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { POLICIES, type PolicyName } from './policies.js';

const CORE = fileURLToPath(new URL('../../../../packages/redlock-core/src/', import.meta.url));
const POLICIES_FILE = fileURLToPath(new URL('../../src/mutants/policies.ts', import.meta.url));

/** Modules that stand in the place of the core's. */
const NAMESPACE = 'policy';

/**
 * Puts a mutant's exports in the place of those of the core's modules, as the core is compiled. Nothing on disk changes, and
 * the compiler holds a mutant to the types of what it replaces.
 */
export function policyPlugin(name: PolicyName): Plugin {
  const policies = new Map(
    POLICIES[name].map(({ module, wrong }) => [join(CORE, `${module}.ts`), Object.keys(wrong)]),
  );
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /\.js$/ }, ({ path, resolveDir, namespace }) => {
        const file = join(resolveDir, path).replace(/\.js$/, '.ts');
        const isReplaced = namespace !== NAMESPACE && policies.has(file);
        return isReplaced ? { path: file, namespace: NAMESPACE } : undefined;
      });
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => {
        const index = [...policies.keys()].indexOf(path);
        const lines = (policies.get(path) ?? []).map(
          (each) => `export const ${each} = policy.wrong.${each}(real.${each}, real);`,
        );
        const contents = [
          `export * from ${JSON.stringify(path)};`,
          `import * as real from ${JSON.stringify(path)};`,
          `import { POLICIES } from ${JSON.stringify(POLICIES_FILE)};`,
          `const policy = POLICIES[${JSON.stringify(name)}][${index}];`,
          ...lines,
        ].join('\n');
        return { contents, resolveDir: dirname(path), loader: 'js' };
      });
    },
  };
}
