import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Runtimes beside Node. */
export type OtherRuntime = 'bun' | 'deno';

interface Binary {
  /** The package of npm that has it for this platform. Its parent, `bun` or `deno`, would run a script to install it. */
  readonly package: string;
  readonly version: string;
  readonly path: string;
  /** Arguments ahead of the file that is run. */
  readonly args: readonly string[];
}

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/runtimes', import.meta.url));
const { platform, arch } = process;

const BINARIES: Readonly<Record<OtherRuntime, Binary>> = {
  bun: {
    package: `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}`,
    version: '1.4.5',
    path: 'bin/bun',
    args: [],
  },
  deno: {
    package: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`,
    version: '2.9.6',
    path: 'deno',
    args: ['run', '--allow-all'],
  },
};

/**
 * The command that runs a file. A runtime has 100 MB, so whoever needs it fetches it from the registry once, and an
 * install of this repository does not.
 */
export async function provideRuntime(name: OtherRuntime): Promise<readonly [string, ...string[]]> {
  const { package: source, version, path, args } = BINARIES[name];
  const directory = join(CACHE, `${name}-${version}`);
  const binary = join(directory, 'node_modules', source, path);
  const isThere = await access(binary).then(
    () => true,
    () => false,
  );
  if (!isThere) await fetchInto(directory, `${source}@${version}`);
  return [binary, ...args];
}

/** Another process may fetch the same at the same time. One directory wins, and it is whole. */
async function fetchInto(directory: string, specifier: string): Promise<void> {
  process.stderr.write(`Fetching ${specifier} from the registry of npm\n`);
  await mkdir(CACHE, { recursive: true });
  const fresh = await mkdtemp(join(CACHE, 'fetching-'));
  try {
    await run('npm', ['install', '--ignore-scripts', '--no-save', '--prefix', fresh, specifier]);
    await rename(fresh, directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
