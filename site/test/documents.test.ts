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

/** The only excerpts of no file: a client that no test runs, and a double. */
const OF_NO_FILE = [/^const \{ count \} = await prisma/, /^import type \{ Lock, Redlock \}/];

/** Metaphors of people, and phrases of an older English. */
const AVOIDED =
  /\b(?:tell|told|tells|whoever|nobody|somebody|in vain|least of all|stands? (?:in|by|back)|owe[ds]?|as ever|all the same|anew|likewise|for so|so many|give way|heal)\b/gi;

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

test('each excerpt in the recipes, about adapters and about tests is in a file to which the page links', async () => {
  let found = 0;
  const strangers: string[] = [];
  for (const page of [
    ...(await documents('docs/recipes/')),
    'docs/adapters.md',
    'docs/testing.md',
  ]) {
    const text = await textOf(page);
    const files = [...text.matchAll(SOURCE)].map(([, link = '']) =>
      posix.join(posix.dirname(page), link),
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

test('docs/ has at most 22 pages and 28,000 words, and the README 150 lines', async () => {
  const pages = await documents('docs/');
  const words = (await Promise.all(pages.map(textOf))).map((text) => text.split(/\s+/).length);
  expect(pages.length).toBeLessThanOrEqual(22);
  expect(words.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(28_000);
  expect((await textOf('README.md')).split('\n').length).toBeLessThanOrEqual(150);
});

test('no page has a word that readers stumble over', async () => {
  const found: string[] = [];
  for (const page of [...(await documents('docs/')), 'README.md', 'site/index.md']) {
    for (const [word] of (await textOf(page)).matchAll(AVOIDED)) found.push(`${page}: ${word}`);
  }
  expect(found).toEqual([]);
});

/** The results of a chapter of the bench, as far as they are read here. */
interface Result {
  readonly tables: readonly {
    readonly title: string;
    readonly rows: readonly {
      readonly name: string;
      readonly figures: Readonly<Record<string, { readonly median: number }>>;
    }[];
  }[];
}

/** A figure of each library in a table of the bench, without the floor "by hand". */
async function mediansOf(
  chapter: string,
  title: string,
  figure: string,
): Promise<ReadonlyMap<string, number>> {
  const { tables } = JSON.parse(await textOf(`bench/results/${chapter}.json`)) as Result;
  const rows = tables.find((table) => table.title === title)?.rows ?? [];
  const libraries = rows.filter(({ name }) => !name.includes('by hand'));
  return new Map(libraries.map(({ name, figures }) => [name, figures[figure]?.median ?? NaN]));
}

function othersIn(figures: ReadonlyMap<string, number>): number[] {
  return [...figures]
    .filter(([name]) => !name.startsWith('redlock-core'))
    .map(([, figure]) => figure);
}

test('the ratios in the README are those of the results of the bench', async () => {
  const throughput = await mediansOf(
    'throughput',
    'Throughput, 64 workers, a new resource each time',
    'locks',
  );
  const latency = await mediansOf('latency', 'Latency, alone, 5 nodes', 'ms');
  const fastest = Math.max(...othersIn(throughput));
  const ratios = [
    (throughput.get('redlock-core') ?? 0) / fastest,
    (throughput.get('redlock-core, no fencing') ?? 0) / fastest,
    (latency.get('redlock-core') ?? 0) / Math.min(...othersIn(latency)),
  ];
  const given = (await textOf('README.md')).matchAll(/(\d+\.\d) times/g);
  expect([...given].map(([, ratio]) => ratio)).toEqual(ratios.map((ratio) => ratio.toFixed(1)));
});
