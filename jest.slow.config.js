import fast from './jest.config.js';

/**
 * The tests of `pnpm test:slow`: other clients, topologies and runtimes, packed packages, terminals, long runs.
 * @type {import('jest').Config}
 */
export default {
  ...fast,
  testMatch: fast.testMatch.map((pattern) => pattern.replace(/\.test\.ts$/, '.slow.test.ts')),
  testPathIgnorePatterns: ['/test/packed/src/'],
  // A container, or a machine that does much else, takes seconds for what takes milliseconds.
  testTimeout: 300_000,
};
