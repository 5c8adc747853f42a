import { join, resolve } from 'node:path';
import { readCommandLine } from 'test-kit/arguments';
import { build } from 'vitepress';
import { writeExamples } from './examples.js';
import { writeReference } from './reference.js';
import { ROOT } from './repository.js';

const USAGE = `pnpm site [--out DIRECTORY]

Builds the site from docs/, the examples and the types of the packages, without network.

  --out DIRECTORY   where to write it; site/dist/pages by default
  --help            this text`;

const out = readCommandLine({
  usage: USAGE,
  options: { out: { type: 'string' } },
  argumentsOf: (values) => values.out,
});

await writeExamples();
await writeReference();
await build(join(ROOT, 'site'), out === undefined ? {} : { outDir: resolve(out) });
