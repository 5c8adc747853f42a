import { afterEach, expect, jest, test } from '@jest/globals';
import type * as Api from '@opentelemetry/api';
import type { instrumentRedlock } from '../src/index.js';
import { memoryRedlock } from './support/memory-redlock.js';
import { Sdk } from './support/sdk.js';

const TTL = 60_000;

interface Instrumented {
  readonly instrumentRedlock: typeof instrumentRedlock;
}

afterEach(() => {
  jest.resetModules();
  // The version that registers first is the only one that may register: each one here is first.
  Reflect.deleteProperty(globalThis, Symbol.for('opentelemetry.js.api.1'));
});

test.each<{ version: string; load: () => Promise<object> }>([
  { version: '1.9.0', load: async () => import('opentelemetry-api-1.9.0') },
  { version: '1.10', load: async () => import('opentelemetry-api-1.10') },
])('spans and metrics work with version $version of the API of OpenTelemetry', async ({ load }) => {
  const api = (await load()) as typeof Api;
  jest.unstable_mockModule('@opentelemetry/api', () => api);
  const { instrumentRedlock } = (await import('../src/index.js')) as Instrumented;
  using sdk = new Sdk({ api });
  const { dispose } = instrumentRedlock({ group: () => 'all' });
  const { redlock } = memoryRedlock();
  await sdk.within('request', () =>
    redlock.using('r', TTL, () => sdk.within('work', async () => {})),
  );
  expect(sdk.tree()).toEqual([
    'request',
    '  redlock using',
    '    redlock acquire',
    '    work',
    '    redlock release',
  ]);
  expect(await sdk.values('redlock.lock.use_time')).toEqual([[{ 'redlock.group': 'all' }, 1]]);
  dispose();
});
