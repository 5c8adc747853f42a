import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

test('a test that fails is repeated only where the machine stood still, a few times, and the end of the run says so', async () => {
  const { status, text } = await runJest('test/kit/test/stalling/stalling.ts');
  expect(text).toMatch(/✓ fails with a stall, then passes/);
  expect(text).toMatch(/✕ fails without a stall, then would pass/);
  expect(text).toMatch(/✕ fails with a stall each time \(1\)/);
  expect(text).toMatch(/✓ the counts/);
  expect(text).toMatch(
    /Tests repeated: 7\n {2}fails with a stall, then passes\n {4}Error: Repeated: it failed while the machine stood still for \d+ ms\n/,
  );
  expect(text).not.toMatch(/Tests repeated:[^]*without a stall/);
  expect(status).toBe(1);
});

/** The runner as the test command has it, on one file that is no test of that. */
function runJest(file: string): Promise<{ status: number; text: string }> {
  const args = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...args, '--testMatch', `<rootDir>/${file}`],
      { cwd: ROOT },
      (_, out, err) => resolve({ status: child.exitCode ?? -1, text: `${out}${err}` }),
    );
  });
}
