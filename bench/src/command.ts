import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describeCheckout, insteadOf, readCommandLine } from 'command-line';
import type { Progress } from './progress.js';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

/** A root script that measures and writes down what it found. */
export interface Command {
  /** A quick run was asked for. */
  readonly quick: boolean;
  readonly progress: Progress;
  /** Nothing was left out. */
  readonly isComplete: boolean;
  isWanted(part: string): boolean;
  /** When and for how long, and on what machine, and what. */
  stamp(): string;
  /** Into `docs/`, by file name. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

interface Purpose {
  /** A sentence for `--help`: what the command measures. */
  readonly measures: string;
  /** A sentence for `--help`: the use of `--quick`. */
  readonly quick: string;
  /** The names that the caller may choose from. */
  readonly parts?: readonly string[];
}

export function beginCommand(name: string, { measures, quick: use, parts = [] }: Purpose): Command {
  const words = parts.length > 0 ? takeWords() : [];
  const quick = readCommandLine({
    usage: `Usage: pnpm ${name} [--quick]${parts.length > 0 ? ' [chapter ...]' : ''}

${measures}

  --quick  ${use}
  --help   this text
${parts.length > 0 ? `\nChapters: ${inLines(parts)}\n` : ''}
The servers are redis-server or valkey-server from PATH, else containers if Docker answers.`,
    options: { quick: { type: 'boolean', default: false } },
    argumentsOf: (values) => {
      for (const word of words) {
        if (parts.includes(word)) continue;
        throw new Error(`Unexpected argument '${word}'${insteadOf(word, parts)}`);
      }
      return values.quick;
    },
  });
  const started = performance.now();
  const progress = (what: string): void => {
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.error(`${seconds.padStart(4)} s  ${what}`);
  };
  return {
    quick,
    progress,
    isComplete: words.length === 0,
    isWanted: (part) => words.length === 0 || words.includes(part),
    stamp: () => {
      const [cpu] = cpus();
      const minutes = ((performance.now() - started) / 60_000).toFixed(1);
      const run = `\`pnpm ${[name, ...(quick ? ['--quick'] : []), ...words].join(' ')}\``;
      const rough = quick ? ': **a quick run, too rough to quote**' : '';
      return `Written by ${run}, on ${new Date().toISOString().slice(0, 10)}, in ${minutes} minutes${rough}, of ${describeCheckout()}. Node ${process.versions.node}, ${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}).`;
    },
    write: async (files) => {
      for (const [file, text] of Object.entries(files)) await writeFile(`${DOCS}${file}`, text);
      progress(
        `written: ${Object.keys(files)
          .map((file) => `docs/${file}`)
          .join(', ')}`,
      );
    },
  };
}

/** Words that are no options, taken off the command line: its reader knows options only. */
function takeWords(): string[] {
  const given = process.argv.splice(2);
  process.argv.push(...given.filter((argument) => argument.startsWith('-')));
  return given.filter((argument) => !argument.startsWith('-'));
}

const IN_A_LINE = 8;

function inLines(names: readonly string[]): string {
  const lines: string[] = [];
  for (let first = 0; first < names.length; first += IN_A_LINE) {
    lines.push(names.slice(first, first + IN_A_LINE).join(', '));
  }
  return lines.join(',\n  ');
}
