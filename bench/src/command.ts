import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readCommandLine } from 'command-line';
import type { Progress } from './progress.js';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));

/** A root script that measures and writes down what it found. */
export interface Command {
  /** A quick run was asked for. */
  readonly quick: boolean;
  readonly progress: Progress;
  /** When and for how long, and on what machine. */
  stamp(): string;
  /** Into `docs/`, by file name. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

/** @param does what it measures, and what `--quick` is good for, for `--help` */
export function beginCommand(name: string, does: { measures: string; quick: string }): Command {
  const quick = readCommandLine({
    usage: `Usage: pnpm ${name} [--quick]

${does.measures}

  --quick  ${does.quick}
  --help   this text

The servers are redis-server or valkey-server from PATH, else containers if Docker answers.`,
    options: { quick: { type: 'boolean', default: false } },
    argumentsOf: (values) => values.quick,
  });
  const started = performance.now();
  const progress = (what: string): void => {
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.error(`${seconds.padStart(4)} s  ${what}`);
  };
  return {
    quick,
    progress,
    stamp: () => {
      const [cpu] = cpus();
      const minutes = ((performance.now() - started) / 60_000).toFixed(1);
      const run = `\`pnpm ${name}${quick ? ' --quick' : ''}\``;
      const rough = quick ? ': **a quick run, too rough to quote**' : '';
      return `Written by ${run}, on ${new Date().toISOString().slice(0, 10)}, in ${minutes} minutes${rough}. Node ${process.versions.node}, ${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}).`;
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
