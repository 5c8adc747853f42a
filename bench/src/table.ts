import { COPY, REFERENCE } from './roster.js';
import { showSpread, type Spread } from './spread.js';

/** A Markdown table. The first column is text, the others are figures unless `rules` says otherwise. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  rules: readonly string[] = header.map((_, column) => (column === 0 ? '-' : '-:')),
): string {
  return [header, rules, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A heading, what the figures are, and the figures. */
export function section(
  title: string,
  explanation: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [`## ${title}`, explanation, markdownTable(header, rows)].join('\n\n');
}

/** The header of ratios to the reference. It has the ratio of the copy, which is the noise of all of them. */
export function ratioHeader(
  rows: readonly { name: string; ratio: Spread }[],
  reference = REFERENCE as string,
  copyName = COPY as string,
): string {
  const copy = rows.find(({ name }) => name === copyName);
  if (!copy) throw new Error(`There is no ${copyName} beside ${reference}`);
  return `× ${reference} (noise: ${showSpread(copy.ratio, 2)})`;
}
