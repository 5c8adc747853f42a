import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

type Figures = Record<'files' | 'calls', number>;

/** What a reader of one call has to follow, at most. Lower a figure when you can, and raise none without a reason. */
const BUDGETS: Readonly<Record<string, Figures>> = {
  acquire: { files: 36, calls: 280 },
  extend: { files: 27, calls: 310 },
  release: { files: 28, calls: 210 },
};

test('a call runs through as few files and functions of the core as its budget says', async () => {
  const program = fileURLToPath(new URL('programs/walk.js', import.meta.url));
  const { stdout } = await promisify(execFile)('node', [program]);
  const walked = JSON.parse(stdout) as Record<string, Figures>;
  expect(Object.keys(walked)).toEqual(Object.keys(BUDGETS));
  for (const [call, { files, calls }] of Object.entries(walked)) {
    expect(files).toBeLessThanOrEqual(BUDGETS[call]?.files ?? 0);
    expect(calls).toBeLessThanOrEqual(BUDGETS[call]?.calls ?? 0);
    expect(files).toBeGreaterThan(10);
  }
});
