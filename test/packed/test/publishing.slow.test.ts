import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Registry } from './support/registry.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CHANGESET = createRequire(join(ROOT, 'package.json')).resolve('@changesets/cli/bin.js');
/** Whatever the copy does wrong, it reaches no registry. */
const ENV = { ...process.env, npm_config_registry: 'http://127.0.0.1:9' };

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

let copy: string;

/** A copy of what publishing reads, and of what is built, in a repository of its own. */
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'redlock-publishing-'));
  const { stdout } = await promisify(execFile)('git', ['ls-files'], { cwd: ROOT });
  const read =
    /^(scripts|\.changeset)\/|^packages\/.*\/src\/|package\.json$|(LICENSE|README\.md)$|(workspace\.yaml|\.gitignore)$/;
  for (const file of stdout.split('\n').filter((name) => read.test(name))) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await cp(join(ROOT, file), join(copy, file));
  }
  for (const { directory } of await packages()) {
    const built = join('packages', basename(directory), 'dist');
    await cp(join(ROOT, built), join(copy, built), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  await run('git', 'init', '--quiet');
  await commit();
});

afterAll(async () => {
  await rm(copy, { recursive: true });
});

test('each manifest, and each licence, is what follows from those of the repository', async () => {
  await run(process.execPath, 'scripts/complete.js');
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
    await run(process.execPath, 'scripts/complete.js');
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
    await run(process.execPath, 'scripts/complete.js');
    for (const manifest of await published()) {
      expect(manifest.version).toBe(version);
      const needs = { ...manifest.peerDependencies, ...manifest.dependencies };
      const { 'redlock-core': range = `^${version}` } = needs;
      expect(range).toBe(`^${version}`);
    }
    await commit();
  });

  test('leaves what is private as it was', async () => {
    const changed = await run('git', 'diff', '--name-only', 'HEAD~4');
    const elsewhere = changed.split('\n').filter((file) => !file.startsWith('packages/'));
    expect(elsewhere).toEqual([]);
  });

  test('is not released while something stands in the way', async () => {
    const root = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8')) as Manifest;
    const changed = { ...root, repository: undefined, author: 'Somebody else' };
    await write(join(copy, 'package.json'), changed);
    const refusal = await failureOf('scripts/release.js');
    for (const reason of [
      /^Nothing can be published yet:\n- "repository" is missing in package\.json: set it to/,
      /^- packages\/redlock-core lacks what follows from package\.json: run `node scripts\/complete\.js`$/m,
      /^- there are changes that are not committed: commit them$/m,
    ]) {
      expect(refusal).toMatch(reason);
    }
  });

  test('shows every package, and that nothing stands in the way, when it is tried out', async () => {
    const root = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8')) as Manifest;
    await write(join(copy, 'package.json'), { ...root, repository: 'https://example.org/a/b' });
    await run(process.execPath, 'scripts/complete.js');
    await commit();
    const shown = await run(process.execPath, 'scripts/release.js', '--dry-run');
    expect(shown).toMatch(
      /^All packages pass all checks\.\nNothing stands in the way of publishing\.$/m,
    );
    expect(shown).not.toContain('MISSING');
    expect(shown).toContain(
      'repository    git+https://example.org/a/b.git, packages/redlock-valkey-glide-adapter',
    );
    const { length } = await published();
    expect(shown.match(/^redlock-\S+ 1\.2\.1$/gm)).toHaveLength(length);
    expect(shown.match(/^ +access +public, with provenance$/gm)).toHaveLength(length);
  });

  test('is published as it was packed and checked, where the registry lacks it', async () => {
    // Only the identity of a job in a public CI can be told with a package.
    const manifests = join(copy, 'scripts/manifest.js');
    const text = await readFile(manifests, 'utf8');
    await writeFile(manifests, text.replace('provenance: true', 'provenance: false'));
    await run(process.execPath, 'scripts/complete.js');
    await commit();
    await using registry = await Registry.open({ 'redlock-core': ['1.2.0', '1.2.1'] });
    const env = { ...ENV, ...registry.settings };
    const { stdout: shown } = await promisify(execFile)(process.execPath, ['scripts/release.js'], {
      cwd: copy,
      env,
    });
    expect(shown).toContain('redlock-core@1.2.1 is in the registry already.');
    const names = (await published()).map(({ name }) => name);
    const others = names.filter((name) => name !== 'redlock-core');
    expect(registry.received.map(({ name }) => name)).toEqual(others);
    for (const { versions, access } of registry.received) {
      expect(Object.keys(versions)).toEqual(['1.2.1']);
      expect(access).toBe('public');
    }
  });
});

test('packages are not fit to be published with files, imports or weight that nobody decided', async () => {
  const inPackage = (name: string, file: string): string => join(copy, 'packages', name, file);
  const hurt = new Set([
    'redlock-core',
    'redlock-compat',
    'redlock-nestjs',
    'redlock-node-redis-adapter',
  ]);
  // Each package takes seconds to check.
  for (const { directory, manifest } of await packages()) {
    if (!hurt.has(manifest.name)) await rm(directory, { recursive: true });
  }
  await writeFile(inPackage('redlock-core', 'dist/lock.test.js'), '');
  await rm(inPackage('redlock-compat', 'dist/v4.cjs'));
  await rm(inPackage('redlock-compat', 'dist/v4.d.cts'));
  await writeFile(inPackage('redlock-nestjs', 'README.md'), `See ${copy}/README.md`);
  const adapter = inPackage('redlock-node-redis-adapter', 'dist/index.js');
  const ballast = randomBytes(20_000).toString('hex');
  const imports = `import ioredis from 'ioredis';\nexport const ballast = [ioredis, '${ballast}'];\n`;
  await writeFile(adapter, imports + (await readFile(adapter, 'utf8')));
  const shown = await failureOf('scripts/package-check.js');
  const findings = [
    'redlock-core: dist/lock.test.js is in the tarball and has no business there',
    'redlock-compat: dist/v4.cjs is not in the tarball: build it',
    'redlock-nestjs: README.md names a directory of this machine',
    'redlock-node-redis-adapter imports ioredis: see scripts/budgets.js',
    'an import of redlock-node-redis-adapter loads 2',
    'redlock-node-redis-adapter: the tarball has ',
    'redlock-compat: publint: ',
    'redlock-compat: attw: ',
  ];
  for (const finding of findings) expect(shown).toContain(finding);
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

/** What a program of ours writes to stderr, which must fail. */
async function failureOf(program: string): Promise<string> {
  return run(process.execPath, program).then(
    (shown) => Promise.reject(new Error(`${program} did not fail: ${shown}`)),
    ({ stderr }: { stderr: string }) => stderr,
  );
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
