import {
  diagnose,
  type Diagnosis,
  type DoctorFinding,
  type FindingLevel,
} from 'redlock-core/doctor';
import { type Io, plural } from './io.js';
import { connectionOf } from './nodes.js';
import { asUsage, type Command, duration, flag, parse, unexpected } from './options.js';

const OPTIONS = {
  ttl: duration('the ttl of your locks, the shortest if there are several (10s)', 10_000, {
    least: 1,
  }),
  json: flag('one line: { ok, findings: { level, code, node, message, fix }[] }'),
};

/** `redlock doctor`: finds problems of the nodes. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'finds what would break the promises of locks',
  synopsis: '[OPTION]…',
  details: `Finds what would break the promises of locks on these nodes, and says how to fix it. Sends each node
about fifty short commands, and leaves nothing behind. Give --key-prefix, or the prefix of your
resources, if the Redis user has rights to such keys only. The user needs +info and +config|get in
addition to the rights for locks, to check everything. --owner is ignored: the doctor takes no lock.`,
  options: OPTIONS,
  notes: `Exit codes: 0 ok; 1 warnings; 2 errors; 64 usage.

  redlock doctor --key-prefix locks: --ttl 2s
  redlock doctor --json | jq -r '.findings[] | select(.level == "error") | .fix'
`,
  async run(args, io) {
    const { values, positionals } = parse(args, OPTIONS);
    const [surplus] = positionals;
    if (surplus !== undefined) throw unexpected(surplus, 'Doctor takes no resource.');
    const { nodes, options } = connectionOf(values, io.env);
    const { keyPrefix, quarantine } = options;
    try {
      const diagnosis = await asUsage(() =>
        diagnose(nodes, { ttl: values.ttl, keyPrefix, quarantine }),
      );
      const report = reportOf(diagnosis, nodes.length, io);
      io.print(values.json ? `${JSON.stringify(diagnosis)}\n` : report);
      if (!diagnosis.ok) return 2;
      return diagnosis.findings.some(({ level }) => level === 'warning') ? 1 : 0;
    } finally {
      await Promise.all(nodes.map(async (node) => node.close?.()));
    }
  },
};

const WIDTH = 100;
const COLORS: Readonly<Record<FindingLevel, 'red' | 'yellow' | 'cyan'>> = {
  error: 'red',
  warning: 'yellow',
  info: 'cyan',
};

/** The findings for people, each with its fix, and a line that sums them up. */
export function reportOf({ findings }: Diagnosis, nodes: number, io: Pick<Io, 'paint'>): string {
  const paragraphs = findings.map(({ level, code, node, message, fix }: DoctorFinding) => {
    const head = `${io.paint(COLORS[level], level.padEnd(7))}  ${code.padEnd(29)}  ${node ?? 'all nodes'}`;
    return [head, wrapped(message, '  '), wrapped(fix, '  fix: ')].join('\n');
  });
  const counts = Object.keys(COLORS).flatMap((level) => {
    const count = findings.filter((each) => each.level === level).length;
    return count > 0 ? [level === 'info' ? `${count} info` : plural(count, level)] : [];
  });
  const summary = `${plural(nodes, 'node')}: ${counts.join(', ') || 'ok'}`;
  return `${[...paragraphs, summary].join('\n\n')}\n`;
}

/** Lines of at most 100 columns; a longer word has its own line. */
function wrapped(text: string, label: string): string {
  const room = WIDTH - label.length;
  const lines = text.match(new RegExp(String.raw`\S.{0,${room - 1}}(?!\S)|\S+`, 'g')) ?? [];
  return label + lines.map((line) => line.trimEnd()).join(`\n${' '.repeat(label.length)}`);
}
