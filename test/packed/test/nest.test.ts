import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PackedProject } from './support/packed-project.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const NEST = ['@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs'];

let project: PackedProject;

beforeAll(async () => {
  project = await PackedProject.make();
  await build({
    absWorkingDir: project.directory,
    entryPoints: ['nest/application.ts'],
    outfile: join(project.directory, 'nest.mjs'),
    format: 'esm',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
    logLevel: 'error',
  });
});

afterAll(async () => {
  await project.remove();
});

test.each([
  ['10', 'test/packed/nest-10'],
  ['11', '.'],
])('an application of Nest %s runs methods under locks', async (major, from) => {
  for (const name of NEST) await project.link(name, join(ROOT, from));
  const manifest = join(project.directory, 'node_modules/@nestjs/core/package.json');
  expect(JSON.parse(await readFile(manifest, 'utf8'))).toMatchObject({
    version: expect.stringMatching(new RegExp(`^${major}\\.`)),
  });
  expect(await project.node('nest.mjs')).toBe('7 under invoice:7 done undefined\nCLOSED');
});
