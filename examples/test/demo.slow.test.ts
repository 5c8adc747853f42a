import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const DEMO = fileURLToPath(new URL('../dist/demo/main.js', import.meta.url));

interface Run {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

test('the lock holds over servers of which two are killed', async () => {
  const { status, out, err } = await runDemo(['--short']);
  expect(err).toBe('');
  expect(out).toMatch(/\d s {2}with the lock: [34] of 5 nodes up, killed: node-\d/);
  const [expected, expectedLocked] = figuresIn(out, 'updates expected');
  const [made, madeLocked] = figuresIn(out, 'updates made');
  const [lost] = figuresIn(out, 'updates lost');
  expect(lost).toBe(expected - made);
  expect(expectedLocked).toBeGreaterThan(0);
  expect(madeLocked).toBe(expectedLocked);
  expect(figuresIn(out, 'updates lost')[1]).toBe(0);
  expect(figuresIn(out, 'overlaps seen')[1]).toBe(0);
  expect(figuresIn(out, 'lock acquisitions')[1]).toBeGreaterThanOrEqual(madeLocked);
  expect(figuresIn(out, 'nodes killed')[1]).toBeGreaterThanOrEqual(2);
  expect(figuresIn(out, 'nodes brought back')).toEqual(figuresIn(out, 'nodes killed'));
  expect(status).toBe(0);
});

test('without servers it says what in-memory nodes show, and runs', async () => {
  const path = await mkdtemp(join(tmpdir(), 'redlock-demo-test-'));
  try {
    await symlink(process.execPath, join(path, 'node'));
    const { status, out, err } = await runDemo(['--short'], {
      PATH: path,
      REDLOCK_NODES: undefined,
    });
    expect(err).toBe('');
    expect(out).toContain('in-memory nodes in one process: this shows the interface');
    expect(figuresIn(out, 'updates expected')[1]).toBeGreaterThan(0);
    expect(figuresIn(out, 'updates lost')[1]).toBe(0);
    expect(figuresIn(out, 'overlaps seen')[1]).toBe(0);
    expect(status).toBe(0);
  } finally {
    await rm(path, { recursive: true });
  }
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it soon and cleanly', async (signal) => {
  const temporary = await mkdtemp(join(tmpdir(), 'redlock-demo-test-'));
  try {
    const demo = spawn(process.execPath, [DEMO], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, TMPDIR: temporary },
    });
    // While a node is away.
    let out = '';
    for await (const text of demo.stdout) {
      out += String(text);
      if (out.includes('killed: ') && !demo.killed) demo.kill(signal);
    }
    expect(demo.exitCode ?? (await once(demo, 'exit'))[0]).toBe(130);
    expect(await readdir(temporary)).toEqual([]);
  } finally {
    await rm(temporary, { recursive: true });
  }
});

test('it explains itself', async () => {
  const { status, out } = await runDemo(['--help']);
  expect(out).toMatch(/^Usage: pnpm demo/);
  expect(status).toBe(0);
});

test.each([['--shrot'], ['shrot'], ['--workers', '1']])(
  'wrong arguments are an error: %s %s',
  async (...args) => {
    const { status, out, err } = await runDemo(args);
    expect(out).toBe('');
    expect(err).toMatch(/(--shrot|'shrot'|--workers must be)[^]*Usage: pnpm demo/);
    expect(status).toBe(2);
  },
);

/** The built demo, with its output piped. */
function runDemo(
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>> = {},
): Promise<Run> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...variables };
    const child = execFile(process.execPath, [DEMO, ...args], { env }, (_, out, err) => {
      resolve({ status: child.exitCode ?? -1, out, err });
    });
  });
}

/** The two numbers of a line of the final table; NaN where there is none. */
function figuresIn(out: string, label: string): [withoutLock: number, withLock: number] {
  const [, left, right] = new RegExp(`^${label} +(\\S+) +(\\S+)$`, 'm').exec(out) ?? [];
  return [Number(left), Number(right)];
}
