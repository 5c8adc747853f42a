import { outline } from './outline.js';

/** The list of all documents for programs that read documentation, in the format of llmstxt.org. */
export function listDocuments(title: string, description: string): string {
  const groups = outline()
    .filter(({ collapsed }) => !collapsed)
    .map(({ text, items = [] }) => {
      const pages = items.map((item) => `- [${item.text}](${item.link}.html)`);
      return `## ${text}\n\n${pages.join('\n')}`;
    });
  return `${[`# ${title}`, `> ${description}`, ...groups].join('\n\n')}\n`;
}
