import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

jest.setTimeout(120_000);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CHANGESET = createRequire(join(ROOT, 'package.json')).resolve('@changesets/cli/bin.js');
/** Whatever the copy does wrong, it reaches no registry. */
const ENV = { ...process.env, npm_config_registry: 'http://127.0.0.1:9' };

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

let copy: string;

/** A copy of what publishing reads, in a repository of its own. */
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'redlock-publishing-'));
  const { stdout } = await promisify(execFile)('git', ['ls-files'], { cwd: ROOT });
  const read = /^(publishing|\.changeset)\/|package\.json$|(LICENSE|README\.md)$|workspace\.yaml$/;
  for (const file of stdout.split('\n').filter((name) => read.test(name))) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await cp(join(ROOT, file), join(copy, file));
  }
  await run('git', 'init', '--quiet');
  await commit();
});

afterAll(async () => {
  await rm(copy, { recursive: true });
});

test('each manifest, and each licence, is what follows from those of the repository', async () => {
  await run(process.execPath, 'publishing/complete.js');
  expect(await run('git', 'status', '--porcelain')).toBe('');
});

test('what is published depends on nothing private, and asks for versions that a registry knows', async () => {
  for (const manifest of await published()) {
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(JSON.stringify(manifest)).not.toMatch(/workspace:|catalog:/);
  }
});

describe('a new version', () => {
  beforeAll(async () => {
    const changesets = join(copy, '.changeset');
    const old = (await readdir(changesets)).filter((file) => file.endsWith('.md'));
    for (const file of old) await rm(join(changesets, file));
    for (const { directory, manifest } of await packages()) {
      await write(join(directory, 'package.json'), { ...manifest, version: '0.0.0' });
    }
    await run(process.execPath, 'publishing/complete.js');
    await commit();
  });

  test.each([
    { name: 'redlock-core', change: 'major', version: '1.0.0' },
    { name: 'redlock-ioredis-adapter', change: 'minor', version: '1.1.0' },
    { name: 'redlock-core', change: 'minor', version: '1.2.0' },
    { name: 'redlock-core', change: 'patch', version: '1.2.1' },
  ])('of a $change change in $name alone is $version, for all that is published', async (step) => {
    const { name, change, version } = step;
    const changeset = `---\n'${name}': ${change}\n---\n\nA change.\n`;
    await writeFile(join(copy, '.changeset', 'a-change.md'), changeset);
    await run(process.execPath, CHANGESET, 'version');
    await run(process.execPath, 'publishing/complete.js');
    for (const manifest of await published()) {
      expect(manifest.version).toBe(version);
      const { 'redlock-core': range = `^${version}` } = manifest.peerDependencies ?? {};
      expect(range).toBe(`^${version}`);
    }
    await commit();
  });

  test('leaves what is private as it was', async () => {
    const changed = await run('git', 'diff', '--name-only', 'HEAD~4');
    const elsewhere = changed.split('\n').filter((file) => !file.startsWith('packages/'));
    expect(elsewhere).toEqual([]);
  });

  test('is in the changelog that npm and pnpm pack, beside licence and readme', async () => {
    for (const { directory } of await packages()) {
      for (const packed of [await packWithNpm(directory), await packWithPnpm(directory)]) {
        expect(packed).toEqual(expect.arrayContaining(['CHANGELOG.md', 'LICENSE', 'README.md']));
      }
    }
  });

  test('is not released while the address of the repository is missing', async () => {
    const root = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8')) as Manifest;
    await write(join(copy, 'package.json'), { ...root, repository: undefined });
    await run(process.execPath, 'publishing/complete.js');
    await commit();
    await expect(run(process.execPath, 'publishing/release.js')).rejects.toThrow(
      /Nothing can be published yet:\n- "repository" is missing in package\.json: set it to/,
    );
    const shown = await run(process.execPath, 'publishing/release.js', '--dry-run');
    expect(shown.match(/^ +(repository|homepage|bugs) +MISSING$/gm)).toHaveLength(15);
  });

  test('shows every package, and what stands in the way, when it is tried out', async () => {
    const root = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8')) as Manifest;
    await write(join(copy, 'package.json'), { ...root, repository: 'https://example.org/a/b' });
    expect(await run(process.execPath, 'publishing/release.js', '--dry-run')).toMatch(
      /packages\/redlock-core lacks what follows from package\.json: run `pnpm manifests`/,
    );
    await run(process.execPath, 'publishing/complete.js');
    await commit();
    const shown = await run(process.execPath, 'publishing/release.js', '--dry-run');
    expect(shown).toMatch(/Nothing stands in the way of publishing\.$/);
    expect(shown).toContain(
      'repository    git+https://example.org/a/b.git, packages/redlock-valkey-glide-adapter',
    );
    expect(shown.match(/^redlock-\S+ 1\.2\.1$/gm)).toHaveLength((await published()).length);
    expect(shown.match(/^ +access +public, with provenance$/gm)).toHaveLength(5);
  });
});

async function packages(): Promise<{ directory: string; manifest: Manifest }[]> {
  const parent = join(copy, 'packages');
  return Promise.all(
    (await readdir(parent)).map(async (name) => {
      const directory = join(parent, name);
      const text = await readFile(join(directory, 'package.json'), 'utf8');
      return { directory, manifest: JSON.parse(text) as Manifest };
    }),
  );
}

async function published(): Promise<Manifest[]> {
  return (await packages()).map(({ manifest }) => manifest);
}

async function packWithNpm(cwd: string): Promise<string[]> {
  const pack = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await promisify(execFile)('npm', pack, { cwd, env: ENV });
  const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[];
  return packed?.files.map(({ path }) => path) ?? [];
}

async function packWithPnpm(cwd: string): Promise<string[]> {
  const pack = ['-y', 'pnpm@12', 'pack', '--json', '--config.ignore-scripts=true'];
  const { stdout } = await promisify(execFile)('npx', pack, { cwd });
  const { filename, files } = JSON.parse(stdout) as { filename: string; files: { path: string }[] };
  await rm(join(cwd, filename));
  return files.map(({ path }) => path);
}

async function run(command: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, { cwd: copy, env: ENV });
  return stdout.trim();
}

async function commit(): Promise<void> {
  await run('git', 'add', '--all');
  const author = ['-c', 'user.name=test', '-c', 'user.email=test@localhost'];
  await run('git', ...author, 'commit', '--quiet', '--allow-empty', '--message', 'A step');
}

async function write(file: string, manifest: object): Promise<void> {
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
