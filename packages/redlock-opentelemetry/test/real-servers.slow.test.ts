import { expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { ioredisNode } from 'redlock-ioredis-adapter';
import { type Client, Deployment, isReady, pace } from 'test-kit';
import { instrumentEach } from './support/instrumented-tests.js';
import type { Sdk } from './support/sdk.js';

const TTL = 60_000;

let sdk: Sdk;
instrumentEach((ofTest) => {
  sdk = ofTest;
});

/** A Redlock with clients of its own, which are connected. */
async function openRedlock(deployment: Deployment): Promise<Redlock> {
  const clients: Client[] = deployment.nodes.map((_, index) => deployment.client(6, index));
  await Promise.all(clients.map((client) => isReady(client)));
  const options = { nodeTimeout: pace.patient, wait: pace.limit };
  const redlock = new Redlock(
    clients.map((client) => ioredisNode(client)),
    options,
  );
  deployment.defer(() => redlock.close());
  return redlock;
}

test('the spans of callers in two processes that want one lock are apart', async () => {
  await using deployment = await Deployment.start(3);
  const redlocks = [await openRedlock(deployment), await openRedlock(deployment)];
  const names = Array.from({ length: 8 }, (_, index) => `caller ${index}`);
  let inside = 0;
  await Promise.all(
    names.map((name, index) =>
      sdk.within(name, async () =>
        redlocks[index % 2]?.using('r', TTL, () =>
          sdk.within(`work of ${name}`, async () => {
            expect(++inside).toBe(1);
            await new Promise((resolve) => setImmediate(resolve));
            inside--;
          }),
        ),
      ),
    ),
  );
  for (const name of names) {
    const mine = sdk.spans.filter((span) => sdk.above(span).includes(name));
    expect(mine.map((span) => [span.name, sdk.above(span)])).toEqual([
      ['redlock using', [name]],
      ['redlock acquire', ['redlock using', name]],
      [`work of ${name}`, ['redlock using', name]],
      ['redlock release', ['redlock using', name]],
    ]);
  }
  expect(await sdk.values('redlock.lock.held')).toEqual([[{}, 0]]);
  expect(await sdk.values('redlock.lock.pending_requests')).toEqual([[{}, 0]]);
  expect(await sdk.values('redlock.lock.use_time')).toEqual([[{}, names.length]]);
});

test('a lock that is taken away is told of by its extension, its using call and the metrics', async () => {
  await using deployment = await Deployment.start(3);
  const redlock = await openRedlock(deployment);
  await redlock
    .using('r', pace.ttl, async (signal) => {
      await Promise.all(deployment.probes.map((probe) => probe.del('r')));
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    })
    .catch(() => {});
  const lost = sdk.spans.filter(({ attributes }) => attributes['redlock.outcome'] === 'lost');
  const names = lost.map((span) => [span.name, ...sdk.above(span)]);
  expect(names).toContainEqual(['redlock using']);
  expect(names).toContainEqual(['redlock release', 'redlock using']);
  expect(await sdk.values('redlock.lock.held')).toEqual([[{}, 0]]);
  const [[attributes, count] = []] = await sdk.values('redlock.lock.lost');
  // A host that stands still for longer than the ttl loses the lock before its extension finds it gone.
  expect(['TAKEN', 'EXPIRED']).toContain((attributes as { 'error.type'?: string })['error.type']);
  expect(count).toBe(1);
});
