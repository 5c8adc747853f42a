import { describe, expect, test } from '@jest/globals';
import { Deployment, pace, until } from 'test-kit';
import { readyRedlock } from './support/contender.js';
import { openPeer, peerKinds } from './support/peers.js';
import { isQuiet } from './support/scripts.js';
import { Sharer } from './support/sharer.js';

const TTL = 60_000;
const MAJOR = 6;

test('processes read at once, a writer is called when the last of them is done, and new readers stand behind it', async () => {
  await using deployment = await Deployment.start(3);
  const [reader, other, writer, late] = await startSharers(deployment);
  const monitors = await Promise.all(deployment.nodes.map((_, index) => deployment.monitor(index)));
  await reader.acquire('shared');
  await other.acquire('shared');
  const granted: string[] = [];
  const writing = writer.acquire('exclusive').then(() => granted.push('writer'));
  await isWaiting(deployment, 1);
  expect(await late.tryAcquire('shared')).toBe(false);
  const reading = late.acquire('shared').then(() => granted.push('late reader'));
  await isWaiting(deployment, 2);
  expect(await reader.release()).toBe(true);
  await isQuiet(...monitors);
  expect(granted).toEqual([]);
  expect(await other.release()).toBe(true);
  await writing;
  await isQuiet(...monitors);
  expect(granted).toEqual(['writer']);
  expect(await reader.tryAcquire('shared')).toBe(false);
  expect(await writer.release()).toBe(true);
  await reading;
  expect(await reader.tryAcquire('shared')).toBe(true);
});

test('a writer that is done calls all readers that wait', async () => {
  await using deployment = await Deployment.start(3);
  const [writer, ...readers] = await startSharers(deployment);
  await writer.acquire('exclusive');
  const reading = readers.map((reader) => reader.acquire('shared'));
  await isWaiting(deployment, readers.length);
  expect(await writer.release()).toBe(true);
  // Nobody releases before all of them have the lock.
  await Promise.all(reading);
});

test('a reader that is killed keeps a writer out until its ttl is over, and no longer', async () => {
  await using deployment = await Deployment.start(3);
  // It polls, because nobody tells it that less is left when the reader with the longest ttl releases.
  const writer = await readyRedlock(deployment, MAJOR);
  const [killed, other] = await startSharers(deployment);
  await killed.acquire('shared', { ttl: pace.ttl, autoExtend: true });
  await other.acquire('shared');
  const writing = writer.acquire('record', TTL);
  await isWaiting(deployment, 1);
  await killed.kill();
  expect(await other.release()).toBe(true);
  const start = performance.now();
  const ttls = await Promise.all(deployment.probes.map((probe) => probe.pttl('record')));
  const lock = await writing;
  const elapsed = performance.now() - start;
  const [, quorumFree = 0] = ttls.toSorted((a, b) => a - b);
  expect(elapsed).toBeGreaterThan(quorumFree - 50);
  expect(elapsed).toBeLessThan(quorumFree + pace.prompt);
  expect(await lock.release()).toBe(true);
});

test('a reader that is killed leaves the others what they have', async () => {
  await using deployment = await Deployment.start(3);
  const writer = await readyRedlock(deployment, MAJOR);
  const [killed, other] = await startSharers(deployment);
  await killed.acquire('shared', { ttl: pace.ttl });
  await other.acquire('shared');
  await killed.kill();
  await until('the share of the one that was killed is over', async () => {
    return (await writer.inspect('record')).holders.length === 1;
  });
  expect(await writer.tryAcquire('record', TTL)).toBeNull();
  expect(await other.release()).toBe(true);
  const lock = await writer.acquire('record', TTL);
  expect(await lock.release()).toBe(true);
});

test('a writer that is killed while it waits keeps readers out no longer', async () => {
  await using deployment = await Deployment.start(3);
  const [reader, writer, other] = await startSharers(deployment);
  const waiter = await readyRedlock(deployment, MAJOR);
  await reader.acquire('shared');
  void writer.acquire('exclusive');
  await isWaiting(deployment, 1);
  expect(await other.tryAcquire('shared')).toBe(false);
  const reading = waiter.acquire('record', TTL, { mode: 'shared' });
  await isWaiting(deployment, 2);
  await writer.kill();
  // One that waits already learns of it by a poll, while the first reader goes on.
  const lock = await reading;
  expect(await other.tryAcquire('shared')).toBe(true);
  expect(await reader.release()).toBe(true);
  expect(await lock.release()).toBe(true);
});

describe.each(peerKinds)('beside $library', (kind) => {
  test('it stays out while anybody reads, and readers while it has the lock', async () => {
    await using deployment = await Deployment.start(3);
    const { keyPrefix } = kind;
    const peer = await openPeer(deployment, kind);
    const [reader, other] = await startSharers(deployment, keyPrefix);
    await reader.acquire('shared');
    await other.acquire('shared');
    const isOnAll = async (): Promise<boolean> => deployment.isHeld(`${keyPrefix}record`, 'shared');
    await until('it is on all nodes', isOnAll);
    expect(await peer.tryAcquire('record', TTL)).toBeNull();
    expect(await reader.release()).toBe(true);
    expect(await peer.tryAcquire('record', TTL)).toBeNull();
    expect(await isOnAll()).toBe(true);
    expect(await other.release()).toBe(true);
    const release = await peer.acquire('record', TTL);
    expect(await reader.tryAcquire('shared')).toBe(false);
    await release();
    await until('a reader has it', () => reader.tryAcquire('shared'));
  });
});

async function startSharers(
  deployment: Deployment,
  keyPrefix = '',
): Promise<[Sharer, Sharer, Sharer, Sharer]> {
  const start = (): Promise<Sharer> => Sharer.start(deployment, { keyPrefix });
  return Promise.all([start(), start(), start(), start()]);
}

/** Resolves when so many processes stand in the queue on every node, and hear it when they are called. */
async function isWaiting(deployment: Deployment, count: number): Promise<void> {
  await until(`${count} wait on every node`, async () => {
    const counts = await Promise.all(
      deployment.probes.map(async (probe) => {
        const channels = await probe.pubsub('CHANNELS', 'record:called:*');
        return [await probe.zcard('{record}:waiting'), channels.length];
      }),
    );
    return counts.flat().every((each) => each === count);
  });
}
