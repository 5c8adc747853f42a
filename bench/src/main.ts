import { format } from 'prettier';
import { serverVersion } from 'test-kit';
import { readCommandLine } from 'test-kit/arguments';
import { type Assignment, CHAPTERS } from './chapters/index.js';
import { FULL, QUICK } from './plan.js';
import { withSections } from './report.js';
import { OURS } from './roster.js';
import { Run } from './run.js';
import { writeSites } from './sites/page.js';
import { writeTrials } from './trials/page.js';
import { TRIALS } from './trials/index.js';

const CHAPTER_NAMES = Object.keys(CHAPTERS);
const TRIAL_NAMES = TRIALS.map(({ key }) => key);

const { quick, write, words } = readCommandLine({
  usage: `Usage: pnpm bench [--quick | --write] [chapter ...]
       pnpm bench [--quick] sites
       pnpm bench [--quick] trials [trial ...]

Measures redlock-core beside other libraries on five Redis servers, in half an hour, and writes
bench/results/bench.md and bench.svg. Nothing else should run on the machine meanwhile. If chapters are
named, measures only these, prints them with the commit and writes nothing: so two checkouts can be
compared. With --write, they replace their sections in bench.md. 'sites' measures locks over three
sites, in five minutes, and writes sites.md and sites.svg there. 'trials' runs the same faults against
five libraries, in four minutes, and writes trials.md there; if trials are named, it only prints these.

  --quick  a short run whose figures are too rough to quote; prints, and writes nothing
  --write  writes the chapters that are named into bench.md
  --help   this text

Chapters: ${inLines(CHAPTER_NAMES)}

Trials: ${inLines(TRIAL_NAMES)}

The servers are redis-server or valkey-server from PATH, else containers if Docker answers.`,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
  allowPositionals: true,
  argumentsOf: (values, positionals) => {
    const [first, ...rest] = positionals;
    if (first === 'trials') check('trial', rest, TRIAL_NAMES);
    else if (first === 'sites') check('part of sites', rest, []);
    else check('chapter', positionals, CHAPTER_NAMES);
    return { quick: values.quick, write: values.write, words: positionals };
  },
});

const run = new Run(quick, words);
if (words[0] === 'sites') await writeSites(run);
else if (words[0] === 'trials') await writeTrials(run, words.slice(1));
else await writeBench();

async function writeBench(): Promise<void> {
  const plan = quick ? QUICK : FULL;
  const files: Record<string, string> = {};
  const assignment: Assignment = {
    plan,
    files,
    progress: run.progress,
    wanted: (names) => names.filter((name) => plan.peersEverywhere || name.startsWith(OURS[0])),
  };
  const sections: string[] = [];
  for (const [name, measure] of Object.entries(CHAPTERS)) {
    if (words.length > 0 && !words.includes(name)) continue;
    const written = await measure(assignment);
    sections.push(...written);
    // At once: a later chapter may fail.
    console.log(await format(written.join('\n\n'), { parser: 'markdown' }));
  }
  const title = heading(await serverVersion());
  console.log(await format(title, { parser: 'markdown' }));
  if (words.length > 0 && !write) return;
  const report =
    words.length > 0
      ? withSections(await run.written('bench.md'), sections, run.stamp())
      : [title, ...sections].join('\n\n');
  await run.write({ 'bench.md': await format(report, { parser: 'markdown' }), ...files });
}

function heading(servers: string): string {
  return [
    '# Bench',
    `${run.stamp()} ${servers}. Fresh servers on the same machine, five where nothing else is said, \`appendonly no\`, \`save ""\`; each subject has its own connections to them, with the client's default options; ttl 10 s; clients and servers share the cores.`,
    '"By hand" is no lock: two rounds over ioredis, SET NX PX and a compare-and-delete script, each awaited for a quorum, without votes, timeouts, validity or clean-up. "By hand, again" is the same thing once more: what differs between these two is noise, and ratios have it in their header.',
    ...(words.length === 0 ? ['![Locks per second at 64 and 512 workers](bench.svg)'] : []),
  ].join('\n\n');
}

function check(what: string, given: readonly string[], names: readonly string[]): void {
  const unknown = given.find((word) => !names.includes(word));
  if (unknown !== undefined) throw new Error(`There is no ${what} ${unknown}`);
}

function inLines(names: readonly string[]): string {
  return names
    .join(', ')
    .replaceAll(/(.{1,80})(?: |$)/g, '$1\n  ')
    .trimEnd();
}
