import { expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { Deployment, pace } from 'test-kit';
import { instrumentEach } from './support/instrumented-tests.js';
import type { Sdk } from './support/sdk.js';

let sdk: Sdk;
instrumentEach((ofTest) => {
  sdk = ofTest;
});

test('the spans of callers in two processes that want one lock are apart', async () => {
  await using deployment = await Deployment.start(3);
  const redlocks = ['one', 'other'].map(() => {
    const nodes = deployment.nodes.map((_, index) => ioredisNode(deployment.client(6, index)));
    const redlock = new Redlock(nodes, { nodeTimeout: pace.patient, wait: pace.limit });
    deployment.defer(() => redlock.close());
    return redlock;
  });
  const names = Array.from({ length: 8 }, (_, index) => `caller ${index}`);
  await Promise.all(
    names.map((name, index) =>
      sdk.within(name, async () =>
        redlocks[index % 2]?.using('r', 60_000, () =>
          sdk.within('work', () => new Promise((resolve) => setImmediate(resolve))),
        ),
      ),
    ),
  );
  for (const name of names) {
    expect(sdk.tree(name)).toEqual([
      'redlock using',
      '  redlock acquire',
      '  work',
      '  redlock release',
    ]);
  }
  expect(await sdk.values('redlock.lock.held')).toEqual([[{}, 0]]);
  expect(await sdk.values('redlock.lock.pending_requests')).toEqual([[{}, 0]]);
  expect(await sdk.values('redlock.lock.use_time')).toEqual([[{}, names.length]]);
});
