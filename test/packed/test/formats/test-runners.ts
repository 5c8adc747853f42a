import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { PackedProject } from '../support/packed-project.js';

const require = createRequire(import.meta.url);
const JEST = join(require.resolve('jest/package.json'), '../bin/jest.js');
const VITEST = join(require.resolve('vitest/package.json'), '../vitest.mjs');

export function testTestRunners(packed: () => PackedProject): void {
  test.each([
    ['Jest without configuration loads every package, and fakes timers', 'jest', {}, 3],
    [
      'Jest fakes all timers but nextTick before it loads a package',
      'jest',
      { fakeTimers: { enableGlobally: true, doNotFake: ['nextTick'] } },
      3,
    ],
    ['ts-jest compiles a test with the old resolution', 'ts-jest', { preset: 'ts-jest' }, 1],
    ['a project of Jest tests its code on memory nodes', 'jest-project', {}, 5],
  ])('formats: %s', async (_what, directory, config, passed) => {
    const root = join(packed().directory, directory);
    const options = ['--rootDir', root, '--config', JSON.stringify(config), '--no-color'];
    const shown = await packed().node(JEST, ...options);
    expect(shown).toMatch(new RegExp(`^Tests: +${passed} passed`, 'm'));
  });

  test.each([
    ['Vitest loads the packages, and fakes timers', 'vitest', 3],
    ['a project of Vitest in TypeScript tests its code on memory nodes', 'vitest-project', 5],
  ])('formats: %s', async (_what, directory, passed) => {
    const shown = await packed().node(VITEST, 'run', '--root', directory, '--no-color');
    expect(shown).toMatch(new RegExp(`^ +Tests +${passed} passed`, 'm'));
  });

  test("formats: Node's own test runner loads the packages, and fakes timers", async () => {
    const shown = await packed().node('--test', 'node-test/fake-timers.test.mjs');
    expect(shown).toMatch(/\bpass 1\b/);
  });
}
