import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const RESULTS = fileURLToPath(new URL('../results/', import.meta.url));

/** Reports what goes on. */
export type Progress = (what: string) => void;

/** One run of the bench, of all of a page or of the parts that `words` names. */
export class Run {
  readonly quick: boolean;
  readonly #words: readonly string[];
  readonly #started = performance.now();

  constructor(quick: boolean, words: readonly string[]) {
    this.quick = quick;
    this.#words = words;
  }

  readonly progress: Progress = (what) => {
    const seconds = ((performance.now() - this.#started) / 1000).toFixed(0);
    console.error(`${seconds.padStart(4)} s  ${what}`);
  };

  /** The command, its date, duration and commit, and the machine. */
  stamp(): string {
    const [cpu] = cpus();
    const minutes = ((performance.now() - this.#started) / 60_000).toFixed(1);
    const command = ['pnpm bench', ...(this.quick ? ['--quick'] : []), ...this.#words].join(' ');
    const rough = this.quick ? ': **a quick run, too rough to quote**' : '';
    return `Written by \`${command}\`, on ${new Date().toISOString().slice(0, 10)}, in ${minutes} minutes${rough}, of ${describeCheckout()}. Node ${process.versions.node}, ${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}).`;
  }

  /** The file that an earlier run has written into `bench/results/`. */
  async written(file: string): Promise<string> {
    return await readFile(`${RESULTS}${file}`, 'utf8');
  }

  /** Writes into `bench/results/`, by file name. A quick run writes nothing. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    if (this.quick) return;
    for (const [file, text] of Object.entries(files)) {
      await writeFile(`${RESULTS}${file}`, text);
      this.progress(`written: bench/results/${file}`);
    }
  }
}

/** Names the state of the repository, so that runs can be compared. */
function describeCheckout(): string {
  try {
    const changes = git('status', '--porcelain', '--', ':/', ':!/bench/results');
    const commit = git('rev-parse', '--short', 'HEAD');
    return `commit ${commit}${changes === '' ? '' : ' and changes that are not committed'}`;
  } catch {
    return 'an unknown commit';
  }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: RESULTS, encoding: 'utf8', stdio: 'pipe' }).trim();
}
