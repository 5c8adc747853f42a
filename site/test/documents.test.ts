import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { ROOT } from '../src/repository.js';
import { slug } from '../src/slug.js';

const CODE = /```.*?```/gs;
const PROGRAM = /```(?:ts|js)\n(.*?)```/gs;
const LINK = /\]\(([^)\s]+)\)/g;
const SOURCE = /\]\(([^)\s]+\.(?:ts|js))\)/g;
const HEADING = /^#+ (.*)$/gm;

/** The only excerpts of no file: nodes to be replaced, and a client that no test runs. */
const OF_NO_FILE = [/^const redlock = new Redlock\(/, /^const \{ count \} = await prisma/];

const texts = new Map<string, Promise<string>>();

/** Reads each file once. */
function textOf(file: string): Promise<string> {
  const text = texts.get(file) ?? readFile(ROOT + file, 'utf8');
  texts.set(file, text);
  return text;
}

async function proseOf(file: string): Promise<string> {
  return (await textOf(file)).replaceAll(CODE, '');
}

/** The tracked documents of a folder, or of the repository. */
async function documents(folder = ''): Promise<string[]> {
  const { stdout } = await promisify(execFile)('git', ['ls-files', `${folder}*.md`], { cwd: ROOT });
  return stdout.trim().split('\n');
}

/** Whether a link leads to a file or directory of the repository, and to a heading in it. */
async function isGood(from: string, link: string): Promise<boolean> {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? from : posix.join(posix.dirname(from), path);
  try {
    await access(ROOT + file);
    if (anchor === undefined) return true;
    const headings = (await proseOf(file)).matchAll(HEADING);
    return [...headings].some(([, heading = '']) => slug(heading) === anchor);
  } catch {
    return false;
  }
}

test('each link within the documents leads to a file, and to a heading in it', async () => {
  const broken: string[] = [];
  for (const file of await documents()) {
    for (const [, link = ''] of (await proseOf(file)).matchAll(LINK)) {
      if (!/^\w+:/.test(link) && !(await isGood(file, link))) broken.push(`${file}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
});

test('the sidebar of the site lists each document', async () => {
  const outline = await textOf('site/src/outline.ts');
  const unlisted = (await documents('docs/')).filter((file) => {
    const isInFolder = file.startsWith('docs/recipes/');
    return !isInFolder && !outline.includes(`'${file}'`);
  });
  expect(unlisted).toEqual([]);
});

/** Excerpts are indented as Prettier likes it. */
function withoutIndentation(code: string): string {
  return code.trim().replaceAll(/^ +/gm, '');
}

test('each excerpt on a page of the recipes is in a file to which the page links', async () => {
  let found = 0;
  const strangers: string[] = [];
  for (const page of await documents('docs/recipes/')) {
    const text = await textOf(page);
    const files = [...text.matchAll(SOURCE)].map(([, link = '']) =>
      posix.join('docs/recipes', link),
    );
    const sources = (await Promise.all(files.map(textOf))).map(withoutIndentation);
    for (const [, code = ''] of text.matchAll(PROGRAM)) {
      const excerpt = withoutIndentation(code);
      if (sources.some((source) => source.includes(excerpt))) found++;
      else if (!OF_NO_FILE.some((known) => known.test(excerpt)))
        strangers.push(`${page}: ${excerpt}`);
    }
  }
  expect(strangers).toEqual([]);
  expect(found).toBeGreaterThan(10);
});

/** The part of a document under the headings that begin so, up to the next heading. */
function partOf(text: string, heading: string): string {
  const parts = text.split(/^#+ /m).filter((part) => part.startsWith(heading));
  expect(parts).not.toEqual([]);
  return parts.join('');
}

test.each([
  ['README.md', 'How fast', 'Throughput, 64 workers, a new resource'],
  ['docs/telemetry.md', 'What it costs', 'Telemetry'],
])('the figures in %s are those of the report of the bench', async (file, heading, chapter) => {
  const report = partOf(await proseOf('docs/bench.md'), chapter);
  const rows = partOf(await proseOf(file), heading).matchAll(/^\|[^|]*\|(.*)$/gm);
  const figures = [...rows].flatMap(([, cells = '']) => cells.match(/[\d,]+(?:\.\d+)?/g) ?? []);
  expect(figures.length).toBeGreaterThan(5);
  for (const figure of figures) {
    expect(report).toMatch(new RegExp(`(?<![\\d.,])${figure}(?![\\d.])`));
  }
});
