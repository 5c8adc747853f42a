import { copyFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Declarations } from '../support/declarations.js';
import type { PackedProject } from '../support/packed-project.js';

const require = createRequire(import.meta.url);

/** Every name that an entry point exports, types too: what applications depend on. */
const EXPORTS = {
  'redlock-compat': `
    Client ClientExecutionResult default ExecutionError ExecutionResult ExecutionStats Lock
    RedlockAbortSignal ResourceLockedError Settings`,
  'redlock-compat/v4': `Callback default Disposer DonePromise Lock LockError Options QuittableClient`,
  'redlock-core': `
    AcquireOptions AdoptOptions AdoptPermitOptions CampaignOptions CloseOptions ClusterMasters ConnectOptions
    ContentionMessage Election ErrorData Holder Inspection Leader LeadOptions Lock LockLostError
    LockLostMessage LockMode LockTrace LossReason NodeInspection NodeMessage ObserveOptions PermitHolder
    PermitLock PermitOptions PermitRoutine QuorumError RedisNode Redlock RedlockClosedError RedlockError
    RedlockErrorCode RedlockErrorDetails RedlockEventName RedlockEvents RedlockListener RedlockOptions
    RedlockWarning ReleaseOptions ResourceLockedError Routine Semaphore SemaphoreInspection
    TracedOperation TracedOutcome TryAcquireOptions TryPermitOptions TryUsingResult Vote VoteErrorCode
    WarningCode`,
  'redlock-core/adapter': `
    ConnectionReports defineNode keyRange kindOf NodeConnection NodeOptions nodeOptionsOf OpenSubscriber
    parseNodeUrl slotOf SubscriberConnection SubscriberEvents`,
  'redlock-core/conformance': `
    adapterConformance Capability ConformanceCase ConformanceOptions ConformanceServer
    ConformanceTarget ConnectedNode runConformance ServerAddress`,
  'redlock-core/doctor': `diagnose DiagnoseOptions Diagnosis DoctorFinding FindingCode FindingLevel`,
  'redlock-core/internal': `
    ExtensionOutcome Hold proposals RedlockWithRuntime ReleaseOutcome Round Rounds Runtime Timer VoteListener`,
  'redlock-core/memory': `MemoryNode memoryNode MemoryNodeOptions`,
  'redlock-ioredis-adapter': `
    ioredisNode IoredisClient ioredisNodeFromUrl IoredisNodeOptions IoredisUrlOptions RECOMMENDED_OPTIONS`,
  'redlock-ioredis-adapter/iovalkey': `IoredisClient IoredisNodeOptions iovalkeyNode`,
  'redlock-nestjs': `
    currentLock currentSignal getRedlockToken InjectRedlock Locked LockedMethod LockedOptions LockKey
    RedlockExceptionFilter RedlockHealth RedlockHealthIndicator RedlockHealthOptions RedlockModule
    RedlockModuleAsyncOptions RedlockModuleExtras RedlockModuleOptions RedlockOptionsFactory SingletonJob
    SingletonJobOptions SkippableMethod`,
  'redlock-nestjs/testing': `RedlockTestingModule RedlockTestingOptions`,
  'redlock-node-redis-adapter': `
    nodeRedisNode NodeRedisClient NodeRedisCluster NodeRedisClusterMaster NodeRedisCommandOptions
    nodeRedisNodeFromUrl NodeRedisNodeOptions NodeRedisSentinel NodeRedisUrlOptions`,
  'redlock-opentelemetry': `instrumentRedlock RedlockInstrumentation RedlockInstrumentationConfig`,
  'redlock-valkey-glide-adapter': `ValkeyGlideClient valkeyGlideNode ValkeyGlideNodeOptions`,
};

const ENTRIES = Object.keys(EXPORTS);

const NODE = { module: 'nodenext' };
const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' };
/** Without `exports`: a package is its `main`, `types` and `typesVersions`. */
const OLD = { module: 'commonjs', moduleResolution: 'node' };
const OLD_IN_6 = { ...OLD, ignoreDeprecations: '6.0' };
/** `typed.ts` is `typed.mts` in a file whose format the project decides. */
const BOTH = ['typed.mts', 'typed.cts', 'compat.mts', 'compat.cts'];
const ONE = ['typed.ts'];

export function testTypes(packed: () => PackedProject): void {
  let declarations: Declarations;
  beforeAll(() => {
    declarations = new Declarations(packed().directory, ENTRIES);
  });

  test('what is packed depends on versions that a registry knows', () => {
    for (const { dependencies, peerDependencies } of packed().manifests) {
      const versions = Object.values({ ...dependencies, ...peerDependencies });
      for (const version of versions) expect(version).toMatch(/^(\^|>=)\d/);
    }
  });

  test('each entry point exports these names, and there are no other entry points', () => {
    const entries = packed().manifests.flatMap(({ name, exports }) =>
      Object.keys(exports).map((path) => join(name, path)),
    );
    expect(entries.toSorted()).toEqual(ENTRIES);
    for (const [entry, names] of Object.entries(EXPORTS)) {
      const exported = declarations.exportsOf(entry).map(({ name }) => name);
      expect([entry, exported.toSorted()]).toEqual([entry, names.trim().split(/\s+/).toSorted()]);
    }
  });

  test('all that is declared can be imported', () => {
    expect(declarations.internals()).toEqual([]);
  });

  test('every type that an exported name mentions can be imported', () => {
    expect(declarations.missing()).toEqual([]);
  });

  describe('formats: a program compiles, strictly and with all declarations checked,', () => {
    beforeAll(async () => {
      const { directory } = packed();
      await copyFile(join(directory, 'typed.mts'), join(directory, 'typed.ts'));
    });

    test.each([
      ['typescript-5.4', 'node', NODE, BOTH],
      ['typescript-5.4', 'old', OLD, ONE],
      ['typescript', 'bundler', BUNDLER, ONE],
      ['typescript-6', 'node', NODE, BOTH],
      ['typescript-6', 'old', OLD_IN_6, ONE],
      ['typescript-7', 'node', NODE, BOTH],
      ['typescript-7', 'bundler', BUNDLER, ONE],
    ])('with %s and its %s resolution', async (version, resolution, options, files) => {
      const compilerOptions = {
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        target: 'es2022',
        types: ['node'],
        noEmit: true,
        ...options,
      };
      const config = `tsconfig.${version}.${resolution}.json`;
      await writeFile(join(packed().directory, config), JSON.stringify({ compilerOptions, files }));
      const compiler = join(require.resolve(`${version}/package.json`), '../bin/tsc');
      expect(await packed().node(compiler, '-p', config)).toBe('');
    });
  });
}
