import { channel } from 'node:diagnostics_channel';
import { diag, metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterEach, expect, test } from '@jest/globals';
import { rejectionOf } from 'test-kit/rejection';
import {
  instrumentRedlock,
  RedlockInstrumentation,
  type RedlockInstrumentationConfig,
} from '../src/index.js';
import manifest from '../package.json' with { type: 'json' };
import { memoryRedlock } from './support/memory-redlock.js';
import { Sdk } from './support/sdk.js';

const TTL = 60_000;
const CHANNELS = [
  ...['acquire', 'using', 'extend', 'release'].flatMap((name) =>
    ['start', 'asyncEnd'].map((step) => `tracing:redlock:${name}:${step}`),
  ),
  'redlock:lost',
  'redlock:node',
];

/** The channels that somebody subscribes to. */
function heard(): string[] {
  return CHANNELS.filter((name) => channel(name).hasSubscribers);
}

const begun: RedlockInstrumentation[] = [];

function instrument(options?: RedlockInstrumentationConfig): RedlockInstrumentation {
  const instrumentation = instrumentRedlock(options);
  begun.push(instrumentation);
  return instrumentation;
}

afterEach(() => {
  for (const instrumentation of begun.splice(0)) instrumentation.dispose();
  expect(heard()).toEqual([]);
});

test('dispose ends everything, also what is under way', async () => {
  using sdk = new Sdk();
  const { redlock } = memoryRedlock();
  const instrumentation = instrument();
  expect(heard()).toEqual(CHANNELS);
  const lock = await redlock.acquire('r', TTL);
  const waiting = redlock.acquire('r', TTL);
  instrumentation.dispose();
  expect(heard()).toEqual([]);
  expect(sdk.spans.map(({ name }) => name)).toEqual(['redlock acquire', 'redlock acquire']);
  await lock.release();
  await (await waiting).release();
  instrumentation[Symbol.dispose]();
  expect(sdk.spans).toHaveLength(2);
  expect(await sdk.values('redlock.lock.held')).toEqual([[{}, 0]]);
  expect(await sdk.values('redlock.lock.pending_requests')).toEqual([[{}, 0]]);
  expect(await sdk.values('redlock.lock.wait_time')).toEqual([
    [{ 'redlock.outcome': 'acquired' }, 1],
  ]);
  expect(await sdk.metric('redlock.lock.use_time')).toBeUndefined();
});

test('a second call of instrumentRedlock takes over, so that nothing is counted twice', async () => {
  using sdk = new Sdk();
  const first = instrument({ group: () => 'first' });
  instrument({ group: () => 'second' });
  await memoryRedlock().redlock.using('r', TTL, () => {});
  first.dispose();
  expect(heard()).toEqual(CHANNELS);
  await memoryRedlock().redlock.using('r', TTL, () => {});
  expect(sdk.spans).toHaveLength(6);
  expect(await sdk.values('redlock.lock.use_time')).toEqual([[{ 'redlock.group': 'second' }, 2]]);
  instrument({ group: () => 'third' });
  await memoryRedlock().redlock.using('r', TTL, () => {});
  expect(sdk.spans).toHaveLength(9);
});

test('instrumentRedlock does nothing without an SDK', async () => {
  instrument();
  expect(await memoryRedlock().redlock.using('r', TTL, () => 'done')).toBe('done');
});

test('instrumentRedlock may be called before the SDK has started', async () => {
  instrument();
  using sdk = new Sdk();
  await memoryRedlock().redlock.using('r', TTL, () => {});
  expect(sdk.spans).toHaveLength(3);
  expect(await sdk.values('redlock.lock.held')).toEqual([[{}, 0]]);
});

test('locks work if OpenTelemetry fails, and its logger too', async () => {
  instrument({
    group: () => {
      throw new Error('no group');
    },
  });
  const complaints: unknown[] = [];
  const fail = (...args: unknown[]): never => {
    complaints.push(args[0]);
    throw new Error('out of order');
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: fail, startActiveSpan: fail }) });
  const logger = { error: fail, warn: fail, info: fail, debug: fail, verbose: fail };
  diag.setLogger(logger, { suppressOverrideMessage: true });
  try {
    const { redlock } = memoryRedlock();
    expect(await redlock.using('r', TTL, () => 'done')).toBe('done');
  } finally {
    trace.disable();
    diag.disable();
  }
  expect(complaints).toContain('redlock-opentelemetry: telemetry of a lock failed');
});

test('instrumentRedlock refuses options that make no sense', () => {
  expect(() => instrumentRedlock({ group: 'invoice' as never })).toThrow(
    new TypeError('group must be a function'),
  );
  expect(() => instrumentRedlock({ groups: () => 'a' } as never)).toThrow(
    new TypeError("unknown option 'groups'; there are group, resources, enabled"),
  );
  expect(() => instrumentRedlock({ resources: 'none' as never })).toThrow(
    new TypeError('resources must be a boolean or a function'),
  );
});

test('spans and metrics have the name and the version of the package as their scope', async () => {
  using sdk = new Sdk();
  instrument();
  await memoryRedlock().redlock.using('r', TTL, () => {});
  const scope = { name: 'redlock-opentelemetry', version: manifest.version };
  expect(sdk.spans.map(({ instrumentationScope }) => instrumentationScope)).toEqual(
    sdk.spans.map(() => expect.objectContaining(scope)),
  );
  expect(await sdk.scopes()).toEqual([expect.objectContaining(scope)]);
});

/** As `registerInstrumentations` of `@opentelemetry/instrumentation` does, with which NodeSDK begins. */
function register(instrumentation: RedlockInstrumentation): void {
  instrumentation.setTracerProvider(trace.getTracerProvider());
  instrumentation.setMeterProvider(metrics.getMeterProvider());
  if (!instrumentation.getConfig().enabled) instrumentation.enable();
}

test('a RedlockInstrumentation is registered as NodeSDK does it, before and after the SDK has its providers', async () => {
  const instrumentation = new RedlockInstrumentation({ group: () => 'all' });
  begun.push(instrumentation);
  register(instrumentation);
  await memoryRedlock().redlock.using('r', TTL, () => {});
  using sdk = new Sdk();
  instrumentation.setMeterProvider(metrics.getMeterProvider());
  await memoryRedlock().redlock.using('r', TTL, () => {});
  expect(sdk.spans).toHaveLength(3);
  expect(await sdk.values('redlock.lock.use_time')).toEqual([[{ 'redlock.group': 'all' }, 1]]);
  expect(instrumentation.instrumentationName).toBe('redlock-opentelemetry');
  expect(instrumentation.instrumentationVersion).toBe(manifest.version);
});

test('an instrumentation that is not enabled does nothing until enable, and nothing after disable', async () => {
  using sdk = new Sdk();
  const instrumentation = instrument({ enabled: false });
  expect(heard()).toEqual([]);
  instrumentation.enable();
  instrumentation.enable();
  await memoryRedlock().redlock.using('r', TTL, () => {});
  instrumentation.disable();
  instrumentation.disable();
  expect(heard()).toEqual([]);
  expect(sdk.spans).toHaveLength(3);
});

test('an instrumentation sends to the providers that it was given, and no longer to the global ones', async () => {
  using sdk = new Sdk();
  using other = new Sdk();
  const instrumentation = instrument();
  instrumentation.setTracerProvider(sdk.tracerProvider);
  instrumentation.setMeterProvider(sdk.meterProvider);
  await memoryRedlock().redlock.using('r', TTL, () => {});
  expect(sdk.spans).toHaveLength(3);
  expect(other.spans).toEqual([]);
  expect(await sdk.values('redlock.lock.held')).toEqual([[{}, 0]]);
  expect(await other.metrics()).toEqual([]);
});

test('setConfig holds for the calls that follow', async () => {
  using sdk = new Sdk();
  const instrumentation = instrument();
  instrumentation.setConfig({ resources: false, group: () => 'late' });
  expect(instrumentation.getConfig()).toMatchObject({ enabled: true, resources: false });
  await memoryRedlock().redlock.using('r', TTL, () => {});
  expect(sdk.span('redlock using').attributes['redlock.resources']).toBeUndefined();
  expect(await sdk.values('redlock.lock.use_time')).toEqual([[{ 'redlock.group': 'late' }, 1]]);
});

const SECRET = 'user:alice@example.com';

test.each<[RedlockInstrumentationConfig['resources'], unknown]>([
  [true, [SECRET]],
  [undefined, [SECRET]],
  [false, undefined],
  [(resource) => resource.split(':')[0] ?? '', ['user']],
  [() => 1 as never, undefined],
  [
    () => {
      throw new Error('no name');
    },
    undefined,
  ],
])('with the option resources %s, spans have the resources %j', async (resources, expected) => {
  using sdk = new Sdk();
  instrument({ ...(resources !== undefined && { resources }) });
  const { redlock, nodes } = memoryRedlock();
  await redlock.using(SECRET, TTL, async (_signal, lock) => {
    await lock.extend();
    await rejectionOf(redlock.acquire(SECRET, TTL, { wait: 0 }));
  });
  const lock = await redlock.acquire(SECRET, TTL);
  for (const node of nodes) node.clear();
  await rejectionOf(lock.extend());
  expect(sdk.span('redlock using').attributes['redlock.resources']).toEqual(expected);
  const failed = sdk.spans.filter(({ status }) => status.code === SpanStatusCode.ERROR);
  expect(failed.map(({ attributes }) => attributes['error.type'])).toEqual(
    expect.arrayContaining(['RESOURCE_LOCKED', 'NOT_HELD']),
  );
  const all = sdk.spans.map(({ attributes, events, status }) => [attributes, events, status]);
  expect(JSON.stringify(all).includes('alice')).toBe(resources === true || resources === undefined);
});

test('no span and no metric has a token', async () => {
  using sdk = new Sdk();
  instrument({ group: (resource) => resource });
  const { redlock, nodes } = memoryRedlock();
  const tokens: string[] = [];
  await redlock.using('r', TTL, async (_signal, lock) => {
    tokens.push(lock.token);
    await lock.extend();
  });
  const lock = await redlock.acquire('r', TTL);
  const heir = await redlock.adopt('r', lock.token, TTL);
  tokens.push(lock.token, heir.token);
  await rejectionOf(redlock.acquire('r', TTL, { wait: 0 }));
  await rejectionOf(redlock.adopt('r', lock.token, TTL));
  for (const node of nodes) node.clear();
  await rejectionOf(heir.extend());
  const spans = sdk.spans.map(({ attributes, events, status }) => [attributes, events, status]);
  const told = JSON.stringify([spans, await sdk.metrics()]);
  expect(told).toContain('LOCK_LOST');
  for (const token of tokens) expect(told).not.toContain(token);
});
