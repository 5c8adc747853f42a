import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// One file for each export, and what they share: importing forty small modules takes four times as
// long. tsc has written the declarations.
await build({
  absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
  entryPoints: [
    'src/index.ts',
    'src/adapter/index.ts',
    'src/memory/index.ts',
    'src/testing/index.ts',
  ],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  sourcemap: true,
  sourcesContent: false,
});
