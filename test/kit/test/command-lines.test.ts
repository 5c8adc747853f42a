import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

/** Every program of the repository that takes options, as built. */
const PROGRAMS = [
  { name: 'demo', file: 'examples/dist/demo/main.js', options: ['--short', '--workers'] },
  { name: 'bench', file: 'bench/dist/main.js', options: ['--quick'] },
  {
    name: 'chaos',
    file: 'test/chaos/dist/main.js',
    options: ['--minutes', '--forget', '--unprotected', '--seed'],
  },
  { name: 'compatibility', file: 'test/conformance/dist/main.js', options: ['--nodes'] },
  {
    name: 'simulate',
    file: 'test/simulator/dist/main.js',
    options: ['--schedules', '--seed', '--kind', '--workers', '--mutant', '--mutants'],
  },
];

test.each(PROGRAMS)(
  'pnpm $name explains its options, and refuses a misspelled one',
  async ({ name, file, options }) => {
    const [help, wrong] = await Promise.all([run(file, '--help'), run(file, '--optoin')]);
    expect({ ...help, out: '' }).toEqual({ status: 0, out: '', err: '' });
    expect(help.out).toMatch(new RegExp(`^Usage: pnpm ${name} `));
    for (const option of [...options, '--help']) expect(help.out).toContain(`\n  ${option} `);
    expect(wrong).toEqual({
      status: 2,
      out: '',
      err: expect.stringMatching(/^[^\n]*'?--optoin[^]*\n\nUsage: /),
    });
  },
);

test.each([
  { file: 'examples/dist/demo/main.js', args: ['--workers', '1'], message: '--workers must be' },
  { file: 'bench/dist/main.js', args: ['latncy'], message: 'There is no chapter latncy' },
])('$file refuses $args before it starts anything', async ({ file, args, message }) => {
  const { status, out, err } = await run(file, ...args);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err.split('\n\nUsage: ')[0]).toContain(message);
});

interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

function run(file: string, ...args: readonly string[]): Promise<Run> {
  const path = fileURLToPath(new URL(`../../../${file}`, import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path, ...args], (_, out, err) => {
      resolve({ status: child.exitCode ?? -1, out, err });
    });
  });
}
