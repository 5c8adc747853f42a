import type { Diagnosis, Finding, Level } from './diagnosis.js';

const WIDTH = 100;
const INDENT = '  ';

/** The diagnosis for people: the findings, each with what to do, and a line that sums them up. */
export function reportOf({ findings }: Diagnosis, nodes: number): string {
  return [...findings.map(paragraphOf), summaryOf(findings, nodes)].join('\n\n') + '\n';
}

function paragraphOf({ level, code, node, message, remedy }: Finding): string {
  const head = [level.padEnd(7), code.padEnd(20), node ?? 'the set'].join('  ');
  return [head, ...wrapped(message, ''), ...wrapped(remedy, 'do: ')].join('\n');
}

function summaryOf(findings: readonly Finding[], nodes: number): string {
  const count = (level: Level): number => findings.filter((each) => each.level === level).length;
  const [unsound, warnings, notes] = [count('unsound'), count('warning'), count('note')];
  const verdict = unsound > 0 ? 'unsound' : warnings > 0 ? 'sound, with warnings' : 'sound';
  const counts = [
    ...(unsound > 0 ? [`${unsound} unsound`] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
    ...(notes > 0 ? [plural(notes, 'note')] : []),
  ];
  return `${plural(nodes, 'node')}: ${[verdict, ...counts].join(', ')}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Lines of at most 100 columns; a longer word has a line of its own. */
function wrapped(text: string, label: string): string[] {
  const lines: string[] = [];
  let line = `${INDENT}${label}`;
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = INDENT + ' '.repeat(label.length);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
