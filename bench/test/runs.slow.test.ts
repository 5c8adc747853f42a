import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { repeatedAfterStall } from 'test-kit';

const BENCH = fileURLToPath(new URL('../dist/main.js', import.meta.url));

test('a quick run of a chapter prints its tables, and the commit', async () => {
  const out = await runBench('node-away');
  expect(out).toContain('## One of five nodes black-holed');
  expect(out).toMatch(/^\| redlock-core +\| +[\d,]+ \|/m);
  expect(out).toMatch(/^Written by `pnpm bench --quick node-away`, on .* of commit /m);
  expect(out).toContain('Too rough to quote.');
});

test('redlock-core rejects a grant that is too slow, and grants no second lock after a restart', async () => {
  const out = await runBench('trials', 'slow-nodes', 'restart');
  expect(out).toMatch(/^\| nodes slower than the ttl +\| says so; /m);
  expect(out).toMatch(
    /^\| a node restarts empty; a second caller that was there +\| one holder; /m,
  );
});

// How long it takes on a quiet machine is in bench/results/sites.md.
test(
  'without the farthest site the others have their locks, at a round trip to the quorum',
  // The figures are of locks at default settings, and a stall may cost such a lock.
  repeatedAfterStall(async () => {
    const out = await runBench('sites');
    for (const situation of ['all sites there', 'C cut off']) {
      // The site that completes their quorum is 10 ms away.
      expect(acquireIn(out, `${situation}: A`)).toBeGreaterThanOrEqual(10);
      expect(acquireIn(out, `${situation}: B`)).toBeGreaterThanOrEqual(10);
    }
    expect(acquireIn(out, 'all sites there: C')).toBeGreaterThanOrEqual(40);
    expect(acquireIn(out, 'C cut off: C')).toBe(NaN);
    // A lock that C held is lost there, and another site gets it.
    expect(out).toMatch(/\| held in A +\| +– \| +– \|/);
    expect(out).toMatch(/\| held in C +\| +[\d,]+ \| +[\d,]+ \|/);
  }),
);

/** What the built program prints in a quick run, which writes nothing. */
async function runBench(...words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [BENCH, '--quick', ...words], (error, out) =>
      error ? reject(error) : resolve(out),
    );
  });
}

/** The median of a row of the first table; NaN where there is none. */
function acquireIn(out: string, row: string): number {
  const [, median] = new RegExp(`^\\| ${row} +\\| +\\S+ \\| +(\\S+) \\|`, 'm').exec(out) ?? [];
  return Number(median ?? NaN);
}
