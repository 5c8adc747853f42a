import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { build } from 'esbuild';
import ts from 'typescript-5.9';
import { PackedProject } from './support/packed-project.js';

jest.setTimeout(120_000);

const require = createRequire(import.meta.url);

/** Every name that a package exports, types too: what others lean on. */
const EXPORTS: Readonly<Record<string, readonly string[]>> = {
  'redlock-core': [
    'AcquireOptions',
    'ErrorData',
    'EventName',
    'Inspection',
    'Listener',
    'Lock',
    'LockLostError',
    'LossCode',
    'QuorumError',
    'RedisNode',
    'Redlock',
    'RedlockError',
    'RedlockErrorCode',
    'RedlockEvents',
    'RedlockOptions',
    'ResourceLockedError',
    'Routine',
    'Runtime',
    'Timer',
    'Vote',
  ],
  'redlock-core/adapter': [
    'keyCount',
    'NodeOptions',
    'OpenSubscriber',
    'SubscriberConnection',
    'SubscriberEvents',
    'Subscriptions',
  ],
  'redlock-core/memory': ['memoryNode', 'MemoryNodeOptions'],
  'redlock-core/testing': [
    'adapterConformance',
    'Capability',
    'ConformanceCase',
    'ConformanceOptions',
    'ConformanceServer',
    'ConformanceTarget',
    'ConnectedNode',
    'runConformance',
    'ServerAddress',
  ],
  'redlock-ioredis-adapter': [
    'ioredisNode',
    'IoredisClient',
    'ioredisNodeFromUrl',
    'IoredisNodeOptions',
  ],
  'redlock-ioredis-adapter/iovalkey': ['IoredisClient', 'IoredisNodeOptions', 'iovalkeyNode'],
  'redlock-node-redis-adapter': [
    'nodeRedisNode',
    'NodeRedisClient',
    'NodeRedisCluster',
    'NodeRedisNodeOptions',
    'NodeRedisSentinel',
  ],
  'redlock-valkey-glide-adapter': [
    'ValkeyGlideClient',
    'valkeyGlideNode',
    'ValkeyGlideNodeOptions',
  ],
};

let project: PackedProject;

beforeAll(async () => {
  project = await PackedProject.make();
});

afterAll(async () => {
  await project.remove();
});

test('what is packed asks for versions that a registry knows', () => {
  for (const { dependencies, peerDependencies } of project.manifests) {
    const versions = Object.values({ ...dependencies, ...peerDependencies });
    for (const version of versions) expect(version).toMatch(/^(\^|>=)\d/);
  }
});

test('each entry point exports these names, and there are no other entry points', () => {
  const entries = project.manifests.flatMap(({ name, exports }) =>
    Object.keys(exports).map((path) => join(name, path)),
  );
  expect(entries.toSorted()).toEqual(Object.keys(EXPORTS));
  for (const entry of entries) {
    expect([entry, exportedNames(entry)]).toEqual([entry, EXPORTS[entry]?.toSorted()]);
  }
});

describe.each([
  // A CommonJS source may import an ES module since TypeScript 5.8.
  { version: 'typescript-5.4', files: ['typed.mts'] },
  { version: 'typescript-5.9', files: ['typed.mts', 'typed.cts'] },
  { version: 'typescript-6', files: ['typed.mts', 'typed.cts'] },
  { version: 'typescript', files: ['typed.mts', 'typed.cts'] },
])('$version', ({ version, files }) => {
  test('compiles a consumer, strictly and with all declarations checked', async () => {
    const config = {
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        module: 'nodenext',
        target: 'es2022',
        types: ['node'],
        noEmit: true,
      },
      files,
    };
    const file = `tsconfig.${version}.json`;
    await writeFile(join(project.directory, file), JSON.stringify(config));
    const compiler = join(require.resolve(`${version}/package.json`), '../bin/tsc');
    expect(await project.node(compiler, '-p', file)).toBe('');
  });
});

test('a CommonJS program requires them, without a warning', async () => {
  expect(await project.node('common-js.cjs')).toBe('function required true');
});

test.each(['esm', 'cjs'] as const)('a program bundled as %s needs nothing else', async (format) => {
  const outfile = join(
    project.directory,
    'elsewhere',
    `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`,
  );
  await build({
    absWorkingDir: project.directory,
    entryPoints: ['bundled.mjs'],
    outfile,
    format,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    logLevel: 'error',
  });
  expect(await project.node(outfile)).toBe('function bundled');
});

/** Sorted; as the declarations have them, so with the types. */
function exportedNames(entry: string): string[] {
  const options = { module: ts.ModuleKind.NodeNext, types: [] };
  const { resolvedModule } = ts.resolveModuleName(
    entry,
    join(project.directory, 'consumer.mts'),
    options,
    ts.sys,
    undefined,
    undefined,
    ts.ModuleKind.ESNext,
  );
  const file = resolvedModule?.resolvedFileName ?? '';
  const program = ts.createProgram([file], options);
  const source = program.getSourceFile(file);
  const symbol = source && program.getTypeChecker().getSymbolAtLocation(source);
  if (!symbol) throw new Error(`No declarations of ${entry}`);
  const symbols = program.getTypeChecker().getExportsOfModule(symbol);
  return symbols.map(({ name }) => name).toSorted();
}
