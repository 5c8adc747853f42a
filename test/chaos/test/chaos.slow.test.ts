import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const CHAOS = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** Before the first fault would come: nobody else is to blame. */
const BRIEFLY = ['--minutes', '0.01'];

test('the lock holds while nodes and clients are hurt', async () => {
  const { status, out } = await runChaos(['--minutes', '0.42']);
  expect(out).toMatch(/findings +0\n/);
  expect(out).toMatch(/locks granted +[1-9]/);
  expect(status).toBe(0);
});

test('no read is torn and no write lost while nodes and clients are hurt', async () => {
  const { status, out } = await runChaos(['--readers', '--minutes', '0.3']);
  expect(out).toMatch(/findings +0\n/);
  expect(out).toMatch(/reads +[1-9]/);
  expect(out).toMatch(/writes +[1-9]/);
  expect(status).toBe(0);
});

test('reads are torn if readers take no lock', async () => {
  const { status, out } = await runChaos(['--readers', '--careless', 'readers', ...BRIEFLY]);
  expect(out).toMatch(/ torn +[1-9]/);
  expect(out).toMatch(/  lost +0\n/);
  expect(status).toBe(1);
});

test('reads are torn and writes lost if writers share the lock', async () => {
  const { status, out } = await runChaos(['--readers', '--careless', 'writers', ...BRIEFLY]);
  expect(out).toMatch(/ torn +[1-9]/);
  expect(out).toMatch(/  lost +[1-9]/);
  expect(status).toBe(1);
});

test('an interruption ends it soon and leaves nothing behind', async () => {
  const temporary = await mkdtemp(join(tmpdir(), 'redlock-chaos-test-'));
  try {
    const chaos = spawn(process.execPath, [CHAOS], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, TMPDIR: temporary },
    });
    await once(chaos.stdout, 'data');
    chaos.kill('SIGTERM');
    expect(await once(chaos, 'exit')).toEqual([130, null]);
    expect(await readdir(temporary)).toEqual([]);
  } finally {
    await rm(temporary, { recursive: true });
  }
});

test.each([
  { args: ['--minutes', '0'], complaint: '--minutes must be' },
  { args: ['--careless', 'readers'], complaint: '--careless requires --readers' },
  { args: ['--readers', '--careless', 'me'], complaint: '--careless must be' },
])('wrong arguments are an error: $args', async ({ args, complaint }) => {
  const { status, out } = await runChaos(args);
  expect(out).toContain(complaint);
  expect(out).toContain('Usage: pnpm chaos');
  expect(status).toBe(2);
});

/** The built programme. */
function runChaos(args: readonly string[]): Promise<{ status: number; out: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [CHAOS, ...args], (_, out, err) => {
      resolve({ status: child.exitCode ?? -1, out: `${out}${err}` });
    });
  });
}
