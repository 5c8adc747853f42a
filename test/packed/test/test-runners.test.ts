import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { PackedProject } from './support/packed-project.js';

jest.setTimeout(120_000);

const require = createRequire(import.meta.url);
const JEST = join(require.resolve('jest/package.json'), '../bin/jest.js');
const VITEST = join(require.resolve('vitest/package.json'), '../vitest.mjs');

let project: PackedProject;

beforeAll(async () => {
  project = await PackedProject.make();
});

afterAll(async () => {
  await project.remove();
});

test('plain Jest, with no configuration, loads every package, and may fake timers', async () => {
  expect(await runJest('jest', {})).toMatch(/^Tests: +5 passed/m);
});

test('Jest may fake timers before it loads anything, all but nextTick', async () => {
  const fakeTimers = { enableGlobally: true, doNotFake: ['nextTick'] };
  expect(await runJest('jest', { fakeTimers })).toMatch(/^Tests: +5 passed/m);
});

test('ts-jest compiles and runs a test, under the old module resolution', async () => {
  expect(await runJest('ts-jest', { preset: 'ts-jest' })).toMatch(/^Tests: +1 passed/m);
});

test('Vitest loads the packages, and may fake timers', async () => {
  const told = await project.node(VITEST, 'run', '--root', 'vitest', '--no-color');
  expect(told).toMatch(/^ +Tests +3 passed/m);
});

test('a Jest project tries its own code on nodes inside the process, and what can go wrong', async () => {
  expect(await runJest('jest-project', {})).toMatch(/^Tests: +5 passed/m);
});

test('a Vitest project in TypeScript does the same', async () => {
  const told = await project.node(VITEST, 'run', '--root', 'vitest-project', '--no-color');
  expect(told).toMatch(/^ +Tests +5 passed/m);
});

test("Node's own test runner loads the packages, and may fake timers", async () => {
  expect(await project.node('--test', 'node-test/fake-timers.test.mjs')).toMatch(/\bpass 1\b/);
});

async function runJest(directory: string, config: object): Promise<string> {
  const root = join(project.directory, directory);
  const options = ['--rootDir', root, '--config', JSON.stringify(config), '--no-color'];
  return project.node(JEST, ...options);
}
