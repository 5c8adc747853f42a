import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type PackedProject, ROOT } from '../support/packed-project.js';

const NEST = ['@nestjs/common', '@nestjs/core', '@nestjs/terminus', 'reflect-metadata', 'rxjs'];

export function testPrograms(packed: () => PackedProject): void {
  test.each([
    [
      'a CommonJS program requires the packages, without a warning',
      'common-js.cjs',
      'function required true',
    ],
    [
      'redlock-compat is required as redlock 5 and redlock 4 are',
      'compat.cjs',
      'Redlock Redlock 3 ExecutionError',
    ],
    [
      'redlock-compat is imported as redlock 5 and redlock 4 are',
      'compat.mjs',
      'Redlock Redlock 3 ExecutionError',
    ],
    [
      'copies of both formats in one process know the errors and the nodes of each other',
      'mixed.mjs',
      'true true true\ntrue true\nQUARANTINED',
    ],
  ])('formats: %s', async (_what, program, printed) => {
    expect(await packed().node(program)).toBe(printed);
  });

  test('formats: the command line runs', async () => {
    const shown = await packed().node('node_modules/redlock-cli/dist/main.js', '--help');
    expect(shown).toMatch(/^ {2}redlock run /m);
  });

  test.each([
    ['esm', 'mjs'],
    ['cjs', 'cjs'],
  ] as const)('formats: a program bundled as %s needs nothing else', async (format, end) => {
    const absWorkingDir = packed().directory;
    const outfile = join(absWorkingDir, 'elsewhere', `bundle.${end}`);
    await build({
      absWorkingDir,
      entryPoints: ['bundled.mjs'],
      outfile,
      format,
      bundle: true,
      platform: 'node',
      target: 'node20.19',
      logLevel: 'error',
    });
    expect(await packed().node(outfile)).toBe('function bundled');
  });

  describe('an application of Nest', () => {
    beforeAll(async () => {
      const absWorkingDir = packed().directory;
      await build({
        absWorkingDir,
        entryPoints: ['nest/application.ts'],
        outfile: join(absWorkingDir, 'nest.mjs'),
        format: 'esm',
        tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
        logLevel: 'error',
      });
    });

    test.each([
      ['10', 'test/packed/nest-10'],
      ['11', '.'],
    ])(
      'formats: an application of Nest %s runs methods under locks and checks its health',
      async (major, from) => {
        for (const name of NEST) await packed().link(name, join(ROOT, from));
        const manifest = join(packed().directory, 'node_modules/@nestjs/core/package.json');
        expect(JSON.parse(await readFile(manifest, 'utf8'))).toMatchObject({
          version: expect.stringMatching(new RegExp(`^${major}\\.`)),
        });
        const printed = [
          '7 under invoice:7 done undefined',
          'ok ok',
          '{"redlock":{"status":"down","reason":"QUORUM_UNAVAILABLE","nodes":{"memory":"ECONNREFUSED"}}}',
          'CLOSED',
        ];
        expect(await packed().node('nest.mjs')).toBe(printed.join('\n'));
      },
    );
  });
}
