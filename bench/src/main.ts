import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { barChart } from './chart.js';
import { measure, type Figures } from './figures.js';
import { FULL, QUICK } from './plan.js';
import { report } from './report.js';

const options = process.argv.slice(2);
const quick = options.includes('--quick');
if (options.length > (quick ? 1 : 0)) {
  console.error('usage: pnpm bench [--quick]');
  process.exit(2);
}
const started = performance.now();
const progress = (what: string): void => {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.error(`${seconds.padStart(4)} s  ${what}`);
};
const plan = quick ? QUICK : FULL;
const figures = await measure(plan, progress);
const markdown = await format(report(figures, plan, heading(figures)), { parser: 'markdown' });
const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
await mkdir(docs, { recursive: true });
await writeFile(`${docs}bench.md`, markdown);
await writeFile(`${docs}bench.svg`, throughputChart(figures));
console.log(markdown);
progress('written: docs/bench.md, docs/bench.svg');

function heading({ redis }: Figures): string {
  const [cpu] = cpus();
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  return [
    '# Bench',
    `Written by \`pnpm bench${quick ? ' --quick' : ''}\`, on ${new Date().toISOString().slice(0, 10)}, in ${minutes} minutes${quick ? ': **a quick run, too rough to quote**' : ''}. Node ${process.versions.node}, Redis ${redis}, ${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}). Five fresh servers on the same machine, \`appendonly no\`, \`save ""\`; each subject has its own connections to them, with the client's default options; ttl 10 s; clients and servers share the cores.`,
    '"By hand" is no lock: two rounds over ioredis, SET NX PX and a compare-and-delete script, each awaited for a quorum, without votes, timeouts, validity or clean-up. "By hand, again" is the same thing once more: what differs between these two is noise.',
    '![Locks per second at 64 and 512 workers](bench.svg)',
  ].join('\n\n');
}

function throughputChart({ throughput }: Figures): string {
  return barChart(
    'Locks per second, five servers (median; line: min to max)',
    throughput.map(({ workers, results }) => ({
      label: `${workers} workers`,
      bars: results.map(({ name, locksPerSecond }) => ({ name, spread: locksPerSecond })),
    })),
  );
}
