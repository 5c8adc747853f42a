/**
 * Puts sections of a later run into a report, in place of those with the same headings.
 * @param sections each begins with its heading of the second level
 * @param stamp says when they were measured
 */
export function withSections(report: string, sections: readonly string[], stamp: string): string {
  const [head = '', ...parts] = report.split(/^(?=## )/m);
  for (const section of sections) {
    const [heading = '', ...rest] = section.trim().split('\n');
    const part = [heading, '', stamp, ...rest, '', ''].join('\n');
    const place = parts.findIndex((former) => former.startsWith(`${heading}\n`));
    if (place < 0) throw new Error(`The report has no section "${heading}"`);
    parts[place] = part;
  }
  return head + parts.join('');
}
