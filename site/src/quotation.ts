import type { MarkdownRenderer } from 'vitepress';
import { tabulate } from './figures.js';
import { readSource } from './repository.js';

const QUOTATION = /^```(\w+) of (\S+)\n(.*?)^```$/gms;

/**
 * What a page says in the words of another document is taken from there. A block in the language `ts of README.md` shows
 * the first block in `ts` of that file; `table of docs/bench.md` shows figures of it, by the columns listed in the block.
 */
export function quote(markdown: MarkdownRenderer): void {
  markdown.core.ruler.before('normalize', 'quotation', (state) => {
    state.src = state.src.replaceAll(
      QUOTATION,
      (_, language: string, file: string, body: string) =>
        language === 'table' ? tabulate(readSource(file), body) : firstBlock(language, file),
    );
  });
}

export function firstBlock(language: string, file: string): string {
  const block = new RegExp(`^\`\`\`${language}\n.*?^\`\`\`$`, 'ms').exec(readSource(file))?.[0];
  if (block === undefined) throw new Error(`${file} has no code block in ${language}`);
  return block;
}
