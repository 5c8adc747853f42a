import { format } from 'prettier';
import { barChart } from './chart.js';
import { beginCommand } from './command.js';
import { measure, type Figures } from './figures.js';
import { FULL, QUICK } from './plan.js';
import { report } from './report.js';

const command = beginCommand('bench', {
  measures: `Measures redlock-core beside other libraries on five Redis servers, in a quarter of an hour:
latency, throughput, contention, hand-over, a node that is away, memory, size. Writes docs/bench.md
and docs/bench.svg. Nothing else should run on the machine meanwhile.`,
  quick: 'tries it out; what it writes says that its figures are too rough to quote',
});
const plan = command.quick ? QUICK : FULL;
const figures = await measure(plan, command.progress);
const markdown = await format(report(figures, plan, heading(figures)), { parser: 'markdown' });
console.log(markdown);
await command.write({ 'bench.md': markdown, 'bench.svg': throughputChart(figures) });

function heading({ redis }: Figures): string {
  return [
    '# Bench',
    `${command.stamp()} Redis ${redis}. Five fresh servers on the same machine, \`appendonly no\`, \`save ""\`; each subject has its own connections to them, with the client's default options; ttl 10 s; clients and servers share the cores.`,
    '"By hand" is no lock: two rounds over ioredis, SET NX PX and a compare-and-delete script, each awaited for a quorum, without votes, timeouts, validity or clean-up. "By hand, again" is the same thing once more: what differs between these two is noise.',
    '![Locks per second at 64 and 512 workers](bench.svg)',
  ].join('\n\n');
}

function throughputChart({ throughput }: Figures): string {
  return barChart(
    'Locks per second, five servers, new resources (median; line: min to max)',
    throughput.filter(isNew).map(({ crowd, results }) => ({
      label: `${crowd.workers} workers`,
      bars: results.map(({ name, locksPerSecond }) => ({ name, spread: locksPerSecond })),
    })),
  );
}

function isNew({ crowd }: Figures['throughput'][number]): boolean {
  return crowd.resources === 'new';
}
