/** Measured a second time, a subject shows how much of the figures is noise. */
const NOISE = 'by hand, again';

interface Column {
  readonly heading: string;
  /** The median of each subject. */
  readonly medians: ReadonlyMap<string, string>;
}

/**
 * A table in Markdown of figures from several sections of a report, a row for each subject of the first.
 * @param report in Markdown
 * @param columns a line for each: `heading | section of the report | heading of the column there`
 */
export function tabulate(report: string, columns: string): string {
  const read = columns
    .trim()
    .split('\n')
    .map((line) => readColumn(report, line));
  const subjects = [...(read[0]?.medians.keys() ?? [])].filter((subject) => subject !== NOISE);
  return [
    row(['', ...read.map(({ heading }) => heading)]),
    row(['-', ...read.map(() => '-:')]),
    ...subjects.map((subject) =>
      row([subject, ...read.map(({ medians }) => medians.get(subject) ?? '–')]),
    ),
  ].join('\n');
}

function readColumn(report: string, line: string): Column {
  const [heading = '', section = '', column = ''] = cellsOf(`| ${line} |`);
  const [headings = [], , ...rows] = sectionOf(report, section)
    .split('\n')
    .filter((each) => each.startsWith('|'))
    .map(cellsOf);
  const index = headings.indexOf(column);
  if (index < 0) throw new Error(`The section "${section}" has no column "${column}"`);
  const medians = rows.map(([subject = '', ...cells]) => {
    // Behind the median: the least and the greatest of the rounds.
    const [median = ''] = (cells[index - 1] ?? '').split(' (');
    return [subject, median] as const;
  });
  return { heading, medians: new Map(medians) };
}

function sectionOf(report: string, title: string): string {
  const found = report.split(/^## /m).find((section) => section.startsWith(`${title}\n`));
  if (found === undefined) throw new Error(`The report has no section "${title}"`);
  return found;
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
