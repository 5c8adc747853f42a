import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSource, ROOT } from './repository.js';

const SOURCE = 'examples/src';
const TARGET = join(ROOT, 'site/examples');
/** What a program says of itself, and its code. */
const PROGRAM = /^\/\*\*\n(?<text>.*?) \*\/\n(?<code>.*)$/s;

/** Writes a page for each example. Files that say nothing of themselves only help the examples. */
export async function writeExamples(): Promise<void> {
  await rm(TARGET, { recursive: true, force: true });
  await mkdir(TARGET);
  for (const file of await readdir(join(ROOT, SOURCE))) {
    if (!file.endsWith('.ts')) continue;
    const page = pageOfProgram(file, readSource(`${SOURCE}/${file}`));
    if (page !== null) await writeFile(join(TARGET, file.replace('.ts', '.md')), page);
  }
}

function pageOfProgram(file: string, program: string): string | null {
  const { text, code } = PROGRAM.exec(program)?.groups ?? {};
  if (text === undefined || code === undefined) return null;
  const title = file.replace('.ts', '').replaceAll('-', ' ');
  return [
    `# ${title.charAt(0).toUpperCase()}${title.slice(1)}`,
    text.replaceAll(/^ \* ?/gm, '').trim(),
    `\`${SOURCE}/${file}\`:`,
    `\`\`\`ts\n${code}\`\`\``,
    '',
  ].join('\n\n');
}
