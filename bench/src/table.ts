import type { Timing } from './interleaved.js';

/** A Markdown table of timings, each beside the one they are compared with. */
export function table<Name extends string>(
  title: string,
  times: Readonly<Record<Name, Timing>>,
  reference: Name,
): string {
  const rows = Object.entries<Timing>(times).map(([name, { median, p99 }]) => {
    const ratio = median / times[reference].median;
    return `| ${name} | ${median.toFixed(3)} | ${p99.toFixed(3)} | ${ratio.toFixed(2)} |`;
  });
  return [
    `### ${title}`,
    '',
    `| | median ms | p99 ms | median / ${reference} |`,
    '|-|-:|-:|-:|',
    ...rows,
    '',
  ].join('\n');
}
