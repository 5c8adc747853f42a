import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const MAKE = join(ROOT, 'scripts/project.js');

/** What programs of the project import besides our packages and the clients. */
const TOOLS = ['@jest/globals', '@types/node', 'ts-jest', 'vitest'];

/** What of a package.json counts here. */
export interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A project somewhere else that has what we would publish, and nothing of it that is not packed. */
export class PackedProject {
  readonly directory: string;
  readonly manifests: readonly Manifest[];

  private constructor(directory: string, manifests: readonly Manifest[]) {
    this.directory = directory;
    this.manifests = manifests;
  }

  /** With the built files as they are: building again would take them away from tests that run now. */
  static async make(): Promise<PackedProject> {
    const directory = await mkdtemp(join(tmpdir(), 'redlock-packed-'));
    const { stdout } = await run(process.execPath, [MAKE, directory]);
    const manifests = JSON.parse(stdout) as Manifest[];
    const tests = join(ROOT, 'test/packed');
    for (const name of TOOLS) await link(name, tests, directory);
    await cp(join(tests, 'src'), directory, { recursive: true });
    return new PackedProject(directory, manifests);
  }

  /** Resolves to what a program has written; rejects with that if it fails. */
  async node(...args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await run(process.execPath, args, { cwd: this.directory }).catch(
      (error: { stdout?: string; stderr?: string }) => {
        throw new Error(`${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error });
      },
    );
    return (stdout + stderr).trim();
  }

  /** Has a dependency in the version that another project has. */
  async link(name: string, from: string): Promise<void> {
    await rm(join(this.directory, 'node_modules', name), { recursive: true, force: true });
    await link(name, from, this.directory);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

async function link(name: string, from: string, directory: string): Promise<void> {
  const target = join(directory, 'node_modules', name);
  await mkdir(dirname(target), { recursive: true });
  const source = await realpath(join(from, 'node_modules', name));
  await symlink(source, target);
}
