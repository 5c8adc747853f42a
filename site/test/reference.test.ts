import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readSource, ROOT } from '../src/repository.js';

const SOURCES = join(ROOT, 'packages/redlock-core/src');
const MEMBER = /^ {2}(?:readonly )?(\w+)\??:/gm;

/** The files in the root of the sources are the public types. */
async function publicTypes(): Promise<string> {
  const files = (await readdir(SOURCES)).filter((file) => file.endsWith('.ts'));
  return (await Promise.all(files.map((file) => readFile(join(SOURCES, file), 'utf8')))).join('\n');
}

const types = await publicTypes();

/** The strings of a union. */
function wordsOf(type: string): string[] {
  const [, union = ''] = new RegExp(`^export type ${type} =([^;]*);`, 'm').exec(types) ?? [];
  return [...union.matchAll(/'(\w+)'/g)].map(([, word = '']) => word);
}

/** The names of the members of all interfaces whose names end so. */
function membersOf(ending: string): string[] {
  const bodies = types.matchAll(
    new RegExp(`^export interface \\w*${ending}[ <][^{]*\\{(.*?)^\\}`, 'gms'),
  );
  return [...bodies].flatMap(([, body = '']) =>
    [...body.matchAll(MEMBER)].map(([, name = '']) => name),
  );
}

/** Words that a page does not show as code. */
function missingIn(page: string, words: readonly string[]): string[] {
  expect(words).not.toEqual([]);
  const code = [...readSource(page).matchAll(/`([^`\n]+)`|^#+ (.*)$/gm)].map(([text]) => text);
  return words.filter((word) => !code.some((text) => new RegExp(`\\b${word}\\b`).test(text)));
}

test.each(['RedlockErrorCode', 'LossReason', 'VoteErrorCode', 'WarningCode'])(
  'each %s is in the reference and in Troubleshooting',
  (type) => {
    expect(missingIn('docs/api.md', wordsOf(type))).toEqual([]);
    expect(missingIn('docs/troubleshooting.md', wordsOf(type))).toEqual([]);
  },
);

/** A name or number in a message, or a code. */
const VARIABLE = /"?…"?|[A-Z_]{4,}/;

/** The sources of the packages whose paths match, with messages in one piece. */
async function sourcesOf(path: RegExp): Promise<string> {
  const files = await readdir(join(ROOT, 'packages'), { recursive: true });
  return files
    .filter((file) => path.test(file))
    .map((file) => readSource(`packages/${file}`))
    .join('\n')
    .replaceAll(/['"`] \+\s+['"`]/g, '');
}

const THROWN = /new (?:Type|Range|)Error\(\s*(['"`])(.*?)\1/gs;

/** A message that names the argument and what it must be explains itself. */
const EXPLAINED = /\b(?:must|needs)\b/;

test('each other message that the core throws is in Troubleshooting', async () => {
  const text = await sourcesOf(
    /^redlock-core\/src\/(?!adapter|conformance|doctor|internal|memory).*\.ts$/,
  );
  const messages = [...text.matchAll(THROWN)].map(([, , message = '']) => message);
  expect(messages.length).toBeGreaterThan(40);
  const page = readSource('docs/troubleshooting.md').replaceAll(/\s+/g, ' ');
  const unknown = messages.filter((message) => {
    const parts = message.split(/\$\{.*?\}|[.:;,"]/).filter((part) => /\w+ \w+ \w+/.test(part));
    return !EXPLAINED.test(message) && !parts.some((part) => page.includes(part.trim()));
  });
  expect(unknown).toEqual([]);
});

test('each message that Troubleshooting quotes is in the sources', async () => {
  const text = await sourcesOf(/^[\w-]+\/src\/.*\.ts$/);
  const quoted = readSource('docs/troubleshooting.md').matchAll(/^(?:### |- `)([^`\n]+)/gm);
  const unknown = [...quoted]
    .map(([, message = '']) => message)
    .filter((message) => message.split(VARIABLE).some((part) => !text.includes(part.trim())));
  expect(unknown).toEqual([]);
});

test('each option is in the reference', () => {
  expect(missingIn('docs/api.md', membersOf('Options'))).toEqual([]);
});

test('each event is in the reference', () => {
  expect(missingIn('docs/api.md', membersOf('RedlockEvents'))).toEqual([]);
});

test('each outcome of a call is in Observability', () => {
  expect(missingIn('docs/observability.md', wordsOf('TracedOutcome'))).toEqual([]);
});
