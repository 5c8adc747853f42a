import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lua } from '../../../../scripts/lua.js';
import type { Mutant } from '../mutants/mutant.js';
import { mutation } from '../mutants/mutation.js';

/**
 * Compiles the simulator with the core's sources, as they are or with a mistake.
 * @returns the file of a worker
 */
export async function bundle(mutant?: Mutant): Promise<string> {
  const outfile = path(`../../dist/bundles/${mutant?.name ?? 'core'}.mjs`);
  await build({
    entryPoints: [path('../../src/campaign/worker.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'silent',
    plugins: mutant ? [lua, mutation(mutant)] : [lua],
  });
  return outfile;
}

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
