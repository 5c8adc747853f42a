import { execFile } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

/** What subjects import that no package of ours asks for. */
const FURTHER_CLIENTS = ['ioredis-5', 'redis-5'];

const CONFORMANCE = fileURLToPath(new URL('..', import.meta.url));
const MAKE = fileURLToPath(new URL('../../../scripts/project.js', import.meta.url));
const RUN = fileURLToPath(new URL('run.js', import.meta.url));

interface Manifest {
  readonly dependencies: Record<string, string>;
}

/**
 * The run of one cell as one file, in a project that has the packages as they are published. It is outside of this
 * repository, where Bun would import their sources, because tsconfig.json leads there.
 */
export class PackedSuite implements AsyncDisposable {
  readonly script: string;
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
    this.script = join(directory, 'run.mjs');
  }

  static async make(): Promise<PackedSuite> {
    const directory = await mkdtemp(join(tmpdir(), 'redlock-conformance-'));
    const suite = new PackedSuite(directory);
    await promisify(execFile)(process.execPath, [MAKE, directory]);
    const file = join(directory, 'package.json');
    const { dependencies } = JSON.parse(await readFile(file, 'utf8')) as Manifest;
    for (const name of FURTHER_CLIENTS) {
      const source = await realpath(join(CONFORMANCE, 'node_modules', name));
      await symlink(source, join(directory, 'node_modules', name));
      dependencies[name] = '*';
    }
    await writeFile(file, JSON.stringify({ private: true, dependencies }));
    await build({
      entryPoints: [RUN],
      outfile: suite.script,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      external: Object.keys(dependencies),
      // The test kit has a dependency that is CommonJS.
      banner: {
        js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
      },
    });
    return suite;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true });
  }
}
