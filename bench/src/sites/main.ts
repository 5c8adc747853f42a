import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { FULL, measure, QUICK } from './figures.js';
import { roundTripBetween } from './layout.js';
import { chart, report } from './report.js';

const options = process.argv.slice(2);
const quick = options.includes('--quick');
if (options.length > (quick ? 1 : 0)) {
  console.error('usage: pnpm sites [--quick]');
  process.exit(2);
}
const started = performance.now();
const progress = (what: string): void => {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.error(`${seconds.padStart(4)} s  ${what}`);
};
const plan = quick ? QUICK : FULL;
const figures = await measure(plan, progress);
const markdown = await format(report(figures, plan, heading()), { parser: 'markdown' });
console.log(markdown);
if (!quick) {
  const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));
  await writeFile(`${docs}sites.md`, markdown);
  await writeFile(`${docs}sites.svg`, chart(figures));
  progress('written: docs/sites.md, docs/sites.svg');
}

function heading(): string {
  const [cpu] = cpus();
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  return [
    '# Three sites',
    `Written by \`pnpm sites\`, on ${new Date().toISOString().slice(0, 10)}, in ${minutes} minutes. Node ${process.versions.node}, ${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}). Five servers, two in A, two in B and one in C, and a client process for each site; between them a proxy for each site and node, which passes everything on half a round trip later. Round trips: A–B ${roundTripBetween('A', 'B')} ms, A–C ${roundTripBetween('A', 'C')} ms, B–C ${roundTripBetween('B', 'C')} ms. A site that is cut off is silent: nothing is refused, nothing is closed. ttl 10 s and default options where nothing else is said; all times in ms.`,
    '![Acquire beside the round trip to the third nearest node](sites.svg)',
  ].join('\n\n');
}
