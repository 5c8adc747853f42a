import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';

const PAGES = new URL('../../../docs/recipes/', import.meta.url);

const CODE = /```(?:ts|js)\n(.*?)```/gs;
const FILE = /\]\(([^)\s]+\.(?:ts|js))\)/g;

/** The only excerpts of no file: nodes to be replaced, and a client that no test runs. */
const OF_NO_FILE = [/^const redlock = new Redlock\(/, /^const \{ count \} = await prisma/];

/** Excerpts are indented as Prettier likes it. */
function withoutIndentation(code: string): string {
  return code.trim().replaceAll(/^ +/gm, '');
}

test('each excerpt on a page of the recipes is in a file to which the page links', async () => {
  const pages = (await readdir(PAGES)).filter((name) => name.endsWith('.md'));
  const excerpts: { page: string; excerpt: string; isFound: boolean }[] = [];
  for (const page of pages) {
    const text = await readFile(new URL(page, PAGES), 'utf8');
    const links = [...text.matchAll(FILE)].map(([, link = '']) => new URL(link, PAGES));
    const files = await Promise.all(links.map((link) => readFile(link, 'utf8')));
    const sources = files.map(withoutIndentation);
    for (const [, code = ''] of text.matchAll(CODE)) {
      const excerpt = withoutIndentation(code);
      excerpts.push({ page, excerpt, isFound: sources.some((source) => source.includes(excerpt)) });
    }
  }
  expect(excerpts.filter(({ isFound }) => isFound).length).toBeGreaterThan(10);
  const others = excerpts.filter(({ isFound }) => !isFound);
  expect(others.filter(({ excerpt }) => !OF_NO_FILE.some((known) => known.test(excerpt)))).toEqual(
    [],
  );
});
