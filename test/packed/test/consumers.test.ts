import { copyFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { Declarations } from './support/declarations.js';
import { PackedProject } from './support/packed-project.js';

const require = createRequire(import.meta.url);

/** Every name that a package exports, types too: what others lean on. */
const EXPORTS: Readonly<Record<string, readonly string[]>> = {
  'redlock-cli/doctor': [
    'diagnose',
    'DiagnoseOptions',
    'Diagnosis',
    'Finding',
    'FindingCode',
    'Level',
  ],
  'redlock-compat': [
    'Client',
    'ClientExecutionResult',
    'default',
    'ExecutionError',
    'ExecutionResult',
    'ExecutionStats',
    'Lock',
    'RedlockAbortSignal',
    'ResourceLockedError',
    'Settings',
  ],
  'redlock-compat/v4': [
    'Callback',
    'default',
    'Disposer',
    'Lock',
    'LockError',
    'Options',
    'QuittableClient',
  ],
  'redlock-core': [
    'AcquireOptions',
    'CampaignOptions',
    'CloseOptions',
    'ConnectOptions',
    'ContentionNotice',
    'Election',
    'ErrorData',
    'EventName',
    'Holder',
    'Inspection',
    'Leader',
    'LeadOptions',
    'Listener',
    'Lock',
    'LockLostError',
    'LockMode',
    'LockTrace',
    'LossCode',
    'LossNotice',
    'NodeInspection',
    'NodeNotice',
    'ObserveOptions',
    'PermitHolder',
    'PermitLock',
    'PermitOptions',
    'PermitRoutine',
    'QuorumError',
    'RedisNode',
    'Redlock',
    'RedlockConstructor',
    'RedlockError',
    'RedlockErrorCode',
    'RedlockErrorDetails',
    'RedlockEvents',
    'RedlockOptions',
    'ReleaseOptions',
    'ResourceLockedError',
    'Routine',
    'Runtime',
    'Semaphore',
    'SemaphoreInspection',
    'Timer',
    'TracedOperation',
    'TracedOutcome',
    'TryAcquireOptions',
    'TryPermitOptions',
    'Vote',
    'VoteErrorCode',
    'Warning',
    'WarningCode',
  ],
  'redlock-core/adapter': [
    'keyRange',
    'LastError',
    'NodeOptions',
    'nodeOptionsOf',
    'OpenSubscriber',
    'perClient',
    'requireClient',
    'SubscriberConnection',
    'SubscriberEvents',
    'Subscriptions',
  ],
  'redlock-core/memory': ['MemoryNode', 'memoryNode', 'MemoryNodeOptions'],
  'redlock-core/rounds': ['Asked', 'ExtensionOutcome', 'Hold', 'ReleaseOutcome', 'Rounds', 'Tell'],
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
  'redlock-nestjs': [
    'currentLock',
    'Locked',
    'LockedMethod',
    'LockedOptions',
    'LockKey',
    'Once',
    'OnceOptions',
    'RedlockModule',
    'RedlockModuleAsyncOptions',
    'RedlockModuleOptions',
  ],
  'redlock-node-redis-adapter': [
    'nodeRedisNode',
    'NodeRedisClient',
    'NodeRedisCluster',
    'NodeRedisClusterMaster',
    'NodeRedisCommandOptions',
    'NodeRedisNodeOptions',
    'NodeRedisSentinel',
  ],
  'redlock-opentelemetry': ['Instrumentation', 'InstrumentationOptions', 'instrumentRedlock'],
  'redlock-valkey-glide-adapter': [
    'ValkeyGlideClient',
    'valkeyGlideNode',
    'ValkeyGlideNodeOptions',
  ],
};

const ENTRIES = Object.keys(EXPORTS);

let project: PackedProject;

beforeAll(async () => {
  project = await PackedProject.make();
  // The same program, in a file whose format the project decides.
  await copyFile(join(project.directory, 'typed.mts'), join(project.directory, 'typed.ts'));
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
  expect(entries.toSorted()).toEqual(ENTRIES);
  const declarations = new Declarations(project.directory, ENTRIES);
  for (const entry of ENTRIES) {
    const names = declarations.exportsOf(entry).map(({ name }) => name);
    expect([entry, names.toSorted()]).toEqual([entry, EXPORTS[entry]?.toSorted()]);
  }
});

test('nothing is declared that cannot be imported', () => {
  expect(new Declarations(project.directory, ENTRIES).internals()).toEqual([]);
});

test('every type that an exported name mentions can be imported', () => {
  expect(new Declarations(project.directory, ENTRIES).missing()).toEqual([]);
});

const NODE = { module: 'nodenext' };
const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' };
/** As before `exports`: a package is its `main`, `types` and `typesVersions`. */
const OLD = { module: 'commonjs', moduleResolution: 'node' };
const OLD_IN_6 = { ...OLD, ignoreDeprecations: '6.0' };

describe.each([
  {
    version: 'typescript-5.4',
    resolution: 'node',
    options: NODE,
    files: ['typed.mts', 'typed.cts', 'compat.mts', 'compat.cts'],
  },
  { version: 'typescript-5.4', resolution: 'old', options: OLD, files: ['typed.ts'] },
  { version: 'typescript', resolution: 'bundler', options: BUNDLER, files: ['typed.ts'] },
  {
    version: 'typescript-6',
    resolution: 'node',
    options: NODE,
    files: ['typed.mts', 'typed.cts', 'compat.mts', 'compat.cts'],
  },
  { version: 'typescript-6', resolution: 'old', options: OLD_IN_6, files: ['typed.ts'] },
  {
    version: 'typescript-7',
    resolution: 'node',
    options: NODE,
    files: ['typed.mts', 'typed.cts', 'compat.mts', 'compat.cts'],
  },
  { version: 'typescript-7', resolution: 'bundler', options: BUNDLER, files: ['typed.ts'] },
])('$version, $resolution resolution', ({ version, resolution, options, files }) => {
  test('compiles a consumer, strictly and with all declarations checked', async () => {
    const config = {
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        target: 'es2022',
        types: ['node'],
        noEmit: true,
        ...options,
      },
      files,
    };
    const file = `tsconfig.${version}.${resolution}.json`;
    await writeFile(join(project.directory, file), JSON.stringify(config));
    const compiler = join(require.resolve(`${version}/package.json`), '../bin/tsc');
    expect(await project.node(compiler, '-p', file)).toBe('');
  });
});

test('a CommonJS program requires them, without a warning', async () => {
  expect(await project.node('common-js.cjs')).toBe('function required true');
});

test('the command line runs', async () => {
  const shown = await project.node('node_modules/redlock-cli/dist/main.js', '--help');
  expect(shown).toMatch(/^ {2}redlock run /m);
});

test.each(['compat.cjs', 'compat.mjs'])(
  '%s has the classes of redlock 5 and redlock 4',
  async (file) => {
    expect(await project.node(file)).toBe('Redlock Redlock 3 ExecutionError');
  },
);

test('copies of both formats in one process know the errors and the nodes of each other', async () => {
  expect(await project.node('mixed.mjs')).toBe('true true true\ntrue true\nQUARANTINED');
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
