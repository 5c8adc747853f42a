import type { ConformanceCase } from './conformance.js';

/**
 * Runs the cases one after another, without a test runner.
 * @returns whether none failed
 */
export async function runConformance(
  cases: readonly ConformanceCase[],
  print: (line: string) => void = console.log,
): Promise<boolean> {
  let failures = 0;
  for (const { name, skip, run } of cases) {
    if (skip !== undefined) {
      print(`- ${name} (${skip})`);
      continue;
    }
    try {
      await run();
      print(`✓ ${name}`);
    } catch (error) {
      failures++;
      print(`✗ ${name}\n${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  return failures === 0;
}
