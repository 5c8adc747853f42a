import { format } from 'prettier';
import { beginCommand } from '../command.js';
import { FULL, measure, QUICK } from './figures.js';
import { roundTripBetween } from './layout.js';
import { chart, report } from './report.js';

const command = beginCommand('sites', {
  measures: `Measures locks over three sites with some milliseconds between them, on five Redis servers behind
proxies that delay, in five minutes, and what the loss of a site costs. Writes docs/sites.md and
docs/sites.svg.`,
  quick: 'tries it out, and writes nothing',
});
const plan = command.quick ? QUICK : FULL;
const figures = await measure(plan, command.progress);
const markdown = await format(report(figures, plan, heading()), { parser: 'markdown' });
console.log(markdown);
// What `--quick` shows is not worth keeping.
if (!command.quick) await command.write({ 'sites.md': markdown, 'sites.svg': chart(figures) });

function heading(): string {
  return [
    '# Three sites',
    `${command.stamp()} Five servers, two in A, two in B and one in C, and a client process for each site; between them a proxy for each site and node, which passes everything on half a round trip later. Round trips: A–B ${roundTripBetween('A', 'B')} ms, A–C ${roundTripBetween('A', 'C')} ms, B–C ${roundTripBetween('B', 'C')} ms. A site that is cut off is silent: nothing is refused, nothing is closed. ttl 10 s and default options where nothing else is said; all times in ms.`,
    '![Acquire beside the round trip to the third nearest node](sites.svg)',
  ].join('\n\n');
}
