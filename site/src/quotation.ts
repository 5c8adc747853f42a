import type { MarkdownRenderer } from 'vitepress';
import { readSource } from './repository.js';

const QUOTATION = /^```(\w+) of (\S+)\n+```$/gm;

/**
 * Code that a page shares with another document is taken from there: a block in the language `ts of README.md` shows the
 * first block in `ts` of that file.
 */
export function quote(markdown: MarkdownRenderer): void {
  markdown.core.ruler.before('normalize', 'quotation', (state) => {
    state.src = state.src.replaceAll(QUOTATION, (_, language: string, file: string) =>
      firstBlock(language, file),
    );
  });
}

export function firstBlock(language: string, file: string): string {
  const block = new RegExp(`^\`\`\`${language}\n.*?^\`\`\`$`, 'ms').exec(readSource(file))?.[0];
  if (block === undefined) throw new Error(`${file} has no code block in ${language}`);
  return block;
}
