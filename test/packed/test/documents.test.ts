import { execFile } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { slug } from '../../../site/src/slug.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const CODE = /```.*?```/gs;
const LINK = /\]\(([^)\s]+)\)/g;
const HEADING = /^#+ (.*)$/gm;

async function documents(): Promise<string[]> {
  const { stdout } = await run('git', ['ls-files', '*.md'], { cwd: ROOT });
  return stdout.trim().split('\n');
}

async function textOf(file: string): Promise<string> {
  return (await readFile(`${ROOT}/${file}`, 'utf8')).replaceAll(CODE, '');
}

/** The headings of a document, as a link has them behind its #. */
async function anchorsOf(file: string): Promise<string[]> {
  return [...(await textOf(file)).matchAll(HEADING)].map(([, heading = '']) => slug(heading));
}

/** Whether a link leads to a file or directory of the repository, and to a heading in it. */
async function isGood(from: string, link: string): Promise<boolean> {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? from : posix.join(posix.dirname(from), path);
  try {
    await access(`${ROOT}/${file}`);
    return anchor === undefined || (await anchorsOf(file)).includes(anchor);
  } catch {
    return false;
  }
}

test('each link within the documents leads to a file, and to a heading in it', async () => {
  const broken: string[] = [];
  for (const file of await documents()) {
    for (const [, link = ''] of (await textOf(file)).matchAll(LINK)) {
      if (!/^\w+:/.test(link) && !(await isGood(file, link))) broken.push(`${file}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
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
])('the table in %s is of the report of the bench', async (file, heading, chapter) => {
  const report = partOf(await textOf('docs/bench.md'), chapter);
  const rows = partOf(await textOf(file), heading).matchAll(/^\|[^|]*\|(.*)$/gm);
  const figures = [...rows].flatMap(([, cells = '']) => cells.match(/[\d,]+(?:\.\d+)?/g) ?? []);
  expect(figures.length).toBeGreaterThan(5);
  for (const figure of figures)
    expect(report).toMatch(new RegExp(`(?<![\\d.,])${figure}(?![\\d.])`));
});
