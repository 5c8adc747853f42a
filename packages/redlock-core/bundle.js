import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// One file for each export: importing forty small modules takes four times as long. tsc has written the
// declarations.
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
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  // The others use what the main one exports, not a copy of it.
  external: ['../index.js'],
  sourcemap: true,
  sourcesContent: false,
});
