import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, jest, test } from '@jest/globals';

const SITES = fileURLToPath(new URL('../dist/sites/main.js', import.meta.url));

jest.setTimeout(60_000);

test('a lock takes the round trip to the quorum, whether or not the farthest site is there', async () => {
  const out = await runSites(['--quick']);
  // Its quorum is 10 ms away, the site that is cut off 40 ms.
  expect(acquireIn(out, 'all sites there: A')).toBeGreaterThanOrEqual(10);
  expect(acquireIn(out, 'all sites there: A')).toBeLessThan(40);
  expect(acquireIn(out, 'C cut off: A')).toBeGreaterThanOrEqual(10);
  expect(acquireIn(out, 'C cut off: A')).toBeLessThan(40);
  expect(acquireIn(out, 'C cut off: C')).toBe(NaN);
  expect(out).toMatch(/\| A +\| +not lost/);
  expect(out).toMatch(/\| C +\| +[\d,]+ \| +[\d,]+ \|/);
});

/** The built programme's report. */
async function runSites(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [SITES, ...args], (_, out) => resolve(out));
  });
}

/** The median of a row of the first table; NaN where there is none. */
function acquireIn(out: string, row: string): number {
  const [, median] = new RegExp(`^\\| ${row} +\\| +\\S+ \\| +(\\S+) \\|`, 'm').exec(out) ?? [];
  return Number(median ?? NaN);
}
