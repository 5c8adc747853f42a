import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readSource, ROOT } from './repository.js';

const SOURCE = 'examples/src';
const TARGET = join(ROOT, 'site/examples');
/** What a program says of itself, and its code. */
const PROGRAM = /^\/\*\*\n(?<text>.*?) \*\/\n(?<code>.*)$/s;

/** Writes a page for each example. Files that say nothing of themselves only help the examples. */
export async function writeExamples(): Promise<void> {
  await rm(TARGET, { recursive: true, force: true });
  for (const file of await readdir(join(ROOT, SOURCE), { recursive: true })) {
    if (!file.endsWith('.ts')) continue;
    const page = pageOfProgram(file, readSource(`${SOURCE}/${file}`));
    if (page === null) continue;
    const target = join(TARGET, file.replace('.ts', '.md'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, page);
  }
}

function pageOfProgram(file: string, program: string): string | null {
  const { text, code } = PROGRAM.exec(program)?.groups ?? {};
  if (text === undefined || code === undefined) return null;
  const title = basename(file, '.ts').replaceAll('-', ' ');
  return [
    `# ${title.charAt(0).toUpperCase()}${title.slice(1)}`,
    text.replaceAll(/^ \* ?/gm, '').trim(),
    `\`${SOURCE}/${file}\`:`,
    `\`\`\`ts\n${code}\`\`\``,
    '',
  ].join('\n\n');
}
