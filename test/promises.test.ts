import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

interface Entry {
  /** The folder whose tests prove the promise. */
  readonly owner: string;
  readonly promise: string;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const QUOTE = '[\'"`]';

const promises = JSON.parse(await textOf('test/promises.json')) as Readonly<Record<string, Entry>>;
const failures = Object.keys(promises).filter((id) => id.startsWith('failure '));

function textOf(file: string): Promise<string> {
  return readFile(ROOT + file, 'utf8');
}

/** The text of all tracked TypeScript files of a folder. In the simulator, mutants are named there too. */
async function sourceOf(folder: string): Promise<string> {
  const args = ['ls-files', `${folder}/*.ts`];
  const { stdout } = await promisify(execFile)('git', args, { cwd: ROOT });
  const files = stdout.split('\n').filter(Boolean);
  // A file that is deleted and not committed is tracked still.
  return (await Promise.all(files.map((file) => textOf(file).catch(() => '')))).join('\n');
}

test('each promise has a test in the folder of its owner whose name begins with its id', async () => {
  const owners = [...new Set(Object.values(promises).map(({ owner }) => owner))];
  const sources = await Promise.all(
    owners.map(async (owner) => [owner, await sourceOf(owner)] as const),
  );
  const sourceByOwner = new Map(sources);
  const missing = Object.entries(promises)
    .filter(([id, { owner }]) => {
      return !new RegExp(`${QUOTE}${id}: `).test(sourceByOwner.get(owner) ?? '');
    })
    .map(([id, { owner, promise }]) => `${owner} lacks '${id}: ' (${promise})`);
  expect(missing).toEqual([]);
});

test('each failure that a test is named after is listed as a promise', async () => {
  const named = (await sourceOf('test/system')).matchAll(
    new RegExp(`${QUOTE}(failure \\d+): `, 'g'),
  );
  const unlisted = [...named].map(([, id = '']) => id).filter((id) => !failures.includes(id));
  expect(unlisted).toEqual([]);
});

test('docs/alternatives.md lists the failures that are promises, and no others', async () => {
  const rows = (await textOf('docs/alternatives.md')).matchAll(/^- \*\*(\d+)\*\*: /gm);
  expect([...rows].map(([, number]) => `failure ${number}`)).toEqual(failures);
});
