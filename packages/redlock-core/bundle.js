import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));

// One file for each export, and what they share: importing forty small modules takes four times as
// long. tsc has written the declarations.
const { metafile } = await build({
  absWorkingDir: root,
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
  metafile: true,
});

// What is shared is named after its content, and would pile up.
const written = new Set(Object.keys(metafile.outputs).map((file) => basename(file)));
for (const file of await readdir(join(root, 'dist'))) {
  if (file.startsWith('chunk-') && !written.has(file)) await rm(join(root, 'dist', file));
}
