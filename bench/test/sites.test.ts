import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { repeatedAfterStall } from 'test-kit';

const SITES = fileURLToPath(new URL('../dist/sites/main.js', import.meta.url));

// How long it takes on a quiet machine is in docs/sites.md.
test(
  'without the farthest site the others have their locks, at a round trip to the quorum',
  // The figures are of locks at default settings, and a stall may cost such a lock.
  repeatedAfterStall(async () => {
    const out = await runSites(['--quick']);
    for (const situation of ['all sites there', 'C cut off']) {
      // The site that completes their quorum is 10 ms away.
      expect(acquireIn(out, `${situation}: A`)).toBeGreaterThanOrEqual(10);
      expect(acquireIn(out, `${situation}: B`)).toBeGreaterThanOrEqual(10);
    }
    expect(acquireIn(out, 'all sites there: C')).toBeGreaterThanOrEqual(40);
    expect(acquireIn(out, 'C cut off: C')).toBe(NaN);
    // A lock that C held is lost there, and another site gets it.
    expect(out).toMatch(/\| A +\| +not lost/);
    expect(out).toMatch(/\| C +\| +[\d,]+ \| +[\d,]+ \|/);
  }),
);

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
