import { format } from 'prettier';
import { serverVersion } from 'test-kit';
import { CHAPTERS } from './chapters/index.js';
import type { Page } from './chapters/chapter.js';
import { beginCommand } from './command.js';
import { FULL, QUICK } from './plan.js';
import { OURS } from './roster.js';

const command = beginCommand('bench', {
  measures: `Measures redlock-core beside other libraries on five Redis servers, in twenty minutes:
latency, throughput, contention, hand-over, faults, memory, size. Writes docs/bench.md and
docs/bench.svg. If chapters are named, measures only these, prints them with the commit, and writes
nothing: so two checkouts can be compared. Nothing else should run on the machine meanwhile.`,
  quick: 'tries it out; what it writes says that its figures are too rough to quote',
  parts: CHAPTERS.map(({ name }) => name),
});
const plan = command.quick ? QUICK : FULL;
const pages: Page[] = [];
for (const { write } of CHAPTERS.filter(({ name }) => command.isWanted(name))) {
  const page = await write({
    plan,
    progress: command.progress,
    wanted: (names) => names.filter((name) => plan.peersEverywhere || name.startsWith(OURS[0])),
  });
  pages.push(page);
  // At once: a later chapter may fail.
  console.log(await format(page.markdown, { parser: 'markdown' }));
}
const title = heading(await serverVersion());
console.log(await format(title, { parser: 'markdown' }));
const report = [title, ...pages.map(({ markdown }) => markdown)].join('\n\n');
const markdown = await format(report, { parser: 'markdown' });
if (command.isComplete) {
  await command.write(Object.assign({ 'bench.md': markdown }, ...pages.map(({ files }) => files)));
}

function heading(servers: string): string {
  return [
    '# Bench',
    `${command.stamp()} ${servers}. Fresh servers on the same machine, five where nothing else is said, \`appendonly no\`, \`save ""\`; each subject has its own connections to them, with the client's default options; ttl 10 s; clients and servers share the cores.`,
    '"By hand" is no lock: two rounds over ioredis, SET NX PX and a compare-and-delete script, each awaited for a quorum, without votes, timeouts, validity or clean-up. "By hand, again" is the same thing once more: what differs between these two is noise, and ratios have it in their header.',
    ...(command.isComplete ? ['![Locks per second at 64 and 512 workers](bench.svg)'] : []),
  ].join('\n\n');
}
