import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const require = createRequire(import.meta.url);
const PROGRAMS = fileURLToPath(new URL('programs', import.meta.url));
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const IOREDIS = join(dirname(require.resolve('ioredis/package.json')), 'built/index.d.ts');

/** Resolves to what the compiler says about a program, with declarations of a library in the place of ours. */
async function compile(program: string, declarations: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'redlock-types-'));
  try {
    const paths = Object.fromEntries(
      Object.entries({ ...declarations, ioredis: IOREDIS }).map(([name, file]) => [name, [file]]),
    );
    const config = {
      compilerOptions: {
        strict: true,
        module: 'esnext',
        moduleResolution: 'bundler',
        target: 'es2022',
        types: ['node'],
        typeRoots: [join(ROOT, 'node_modules/@types')],
        noEmit: true,
        paths,
      },
      files: [join(PROGRAMS, program)],
    };
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(config));
    const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
    const args = [compiler, '-p', directory, '--skipLibCheck'];
    const { stdout } = await promisify(execFile)(process.execPath, args).catch(
      (error: { stdout: string }) => error,
    );
    return stdout;
  } finally {
    await rm(directory, { recursive: true });
  }
}

const ours = {
  'redlock-compat': join(ROOT, 'packages/redlock-compat/dist/index.d.ts'),
  'redlock-compat/v4': join(ROOT, 'packages/redlock-compat/dist/v4.d.ts'),
};
const theirs = { 'redlock-compat': join(ROOT, 'node_modules/redlock-5/dist/index.d.ts') };

test('a program with the types of redlock 5 compiles with theirs and with ours', async () => {
  expect(await compile('typed-redlock-5.ts', theirs)).toBe('');
  expect(await compile('typed-redlock-5.ts', ours)).toBe('');
});

test('a program with the types of redlock 4 compiles with ours', async () => {
  expect(await compile('typed-redlock-4.ts', ours)).toBe('');
});
