import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Deployment } from 'test-kit';

const MODULES = fileURLToPath(new URL('../../../../node_modules', import.meta.url));
const OURS = fileURLToPath(new URL('../..', import.meta.url));
const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));

/** What a program has for its library: redlock itself, or this package, with the import changed. */
interface Library {
  /** The package of the workspace that is installed as `redlock`; null: none. */
  readonly theirs: string | null;
  /** What stands in the program's import in the place of `redlock`. */
  readonly specifier: string;
}

/** A directory in which one program runs, with the packages that it imports. */
class ProgramProject {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make({ theirs, specifier }: Library, program: string): Promise<ProgramProject> {
    const directory = await mkdtemp(join(tmpdir(), 'redlock-program-'));
    const modules = join(directory, 'node_modules');
    await mkdir(modules);
    const installed = ['ioredis', 'bluebird'].map((name) => [name, join(MODULES, name)]);
    installed.push(['redlock-compat', OURS]);
    if (theirs !== null) installed.push(['redlock', join(MODULES, theirs)]);
    for (const [name = '', from = ''] of installed) {
      await symlink(await realpath(from), join(modules, name));
    }
    const text = await readFile(join(PROGRAMS, program), 'utf8');
    await writeFile(join(directory, program), text.replace(/(["'])redlock\1/, `'${specifier}'`));
    return new ProgramProject(directory);
  }

  /** Resolves with what the program has printed, as JSON. */
  async run(program: string, args: readonly string[]): Promise<Record<string, unknown>> {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
      cwd: this.directory,
    });
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

/** Resolves with what a program has printed, which gets the ports of servers of its own. */
export async function observe(
  program: string,
  library: Library,
  servers = 3,
): Promise<Record<string, unknown>> {
  await using deployment = await Deployment.start(servers);
  const project = await ProgramProject.make(library, program);
  try {
    const ports = deployment.nodes.map(({ server }) => String(server.port));
    return await project.run(program, ports);
  } finally {
    await project.remove();
  }
}
