import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

/** Every command of the repository that takes options, as built. */
const COMMANDS = {
  demo: { file: 'examples/dist/demo/main.js', options: ['--short', '--workers'] },
  bench: { file: 'bench/dist/main.js', options: ['--quick'] },
  sites: { file: 'bench/dist/sites/main.js', options: ['--quick'] },
  chaos: {
    file: 'test/chaos/dist/main.js',
    options: ['--minutes', '--forget', '--unprotected', '--seed'],
  },
  compatibility: { file: 'test/conformance/dist/main.js', options: ['--nodes'] },
  simulate: {
    file: 'test/simulator/dist/main.js',
    options: ['--schedules', '--seed', '--workers', '--timeline', '--mutant', '--mutants'],
  },
};

describe.each(Object.entries(COMMANDS))('pnpm %s', (name, { file, options }) => {
  test('--help explains it, on one screen', async () => {
    const { status, out, err } = await run(file, '--help');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.startsWith(`Usage: pnpm ${name} `)).toBe(true);
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    for (const option of [...options, '--help']) {
      expect(lines.filter((line) => line.startsWith(`  ${option} `))).toHaveLength(1);
    }
  });

  test.each(options)('an option that is nearly %s is an error that names it', async (option) => {
    const { status, out, err } = await run(file, `${option}x`);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(
      new RegExp(`^There is no option ${option}x; did you mean ${option}\\?\n\nUsage: `),
    );
  });

  test('an option that is like none, and an argument, are errors too', async () => {
    const { status, err } = await run(file, '--entirely-different');
    expect(status).toBe(2);
    expect(err).toMatch(/^There is no option --entirely-different; there are --/);
    expect(await run(file, 'argument')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/^Unexpected argument 'argument'[^]*\n\nUsage: /),
    });
  });
});

test.each([
  { command: 'simulate', args: ['--mutant', 'no-drif'], told: 'did you mean no-drift?' },
  { command: 'simulate', args: ['--schedules', 'many'], told: '--schedules must be' },
  { command: 'simulate', args: ['--workers', '0'], told: '--workers must be' },
  { command: 'compatibility', args: ['--nodes', 'lts'], told: '--nodes must be' },
  { command: 'demo', args: ['--workers', '1'], told: '--workers must be' },
  { command: 'chaos', args: ['--minutes', '-1'], told: '--minutes' },
] as const)('$command $args is refused', async ({ command, args, told }) => {
  const { status, out, err } = await run(COMMANDS[command].file, ...args);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err.split('\n\nUsage: ')[0]).toContain(told);
});

interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

function run(file: string, ...args: readonly string[]): Promise<Run> {
  const path = fileURLToPath(new URL(`../../${file}`, import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path, ...args], (_, out, err) => {
      resolve({ status: child.exitCode ?? -1, out, err });
    });
  });
}
