import { markdownTable } from './markdown-table.js';

/** A heading, what the figures are, and the figures. */
export function section(
  title: string,
  explanation: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return [`## ${title}`, explanation, markdownTable(header, rows)].join('\n\n');
}
