import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Mutant } from '../mutants/mutant.js';
import { policyPlugin } from '../mutants/policy.js';

/**
 * Compiles the simulator with the core's sources, as they are or with a mistake.
 * @returns the file of a worker
 */
export async function bundle(mutant?: Mutant): Promise<string> {
  const outfile = path(`../../dist/bundles/${nameOf(mutant)}.mjs`);
  await build({
    entryPoints: [path('../../src/campaign/worker.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'silent',
    plugins: mutant?.policy ? [policyPlugin(mutant.policy)] : [],
  });
  return outfile;
}

/** Those that are wrong around the core run the core itself. */
function nameOf(mutant: Mutant | undefined): string {
  return mutant?.policy ? mutant.policy.replaceAll(/\W+/g, '-') : 'core';
}

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
