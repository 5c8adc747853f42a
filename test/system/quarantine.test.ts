import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import type { QuorumError } from 'redlock-core';
import {
  type Client,
  Deployment,
  emitter,
  isReady,
  lockOnAll,
  pace,
  rejectionOf,
  until,
} from 'test-kit';
import { untilExtended } from './support/extension.js';

const TTL = 60_000;
/** In ms. */
const quarantineTime = 300;

/** Error codes of the votes; undefined for a vote without an error. */
async function faults(attempt: Promise<unknown>): Promise<(string | undefined)[]> {
  const { votes } = (await rejectionOf(attempt)) as QuorumError;
  return votes.map(({ error }) => error?.code);
}

/** Resolves when the clients have lost their connections through `act`, and have new ones. */
async function reconnected(clients: readonly Client[], act: () => unknown): Promise<void> {
  const lost = clients.map((client) => once(emitter(client), 'close'));
  await act();
  await Promise.all(lost);
  await Promise.all(clients.map((client) => isReady(client)));
}

test('a lock whose majority restarts without data gets no second holder', async () => {
  await using deployment = await Deployment.start(3);
  const holder = await deployment.redlock();
  const { redlock: other, clients } = await deployment.contender();
  const reports: unknown[] = [];
  other.on('nodeQuarantined', (payload) => void reports.push(payload));
  await using lock = await holder.acquire('r', TTL);
  await until('all have it', () => deployment.isHeld('r', lock.token));
  // It knows the servers, although not the lock.
  await lockOnAll(other, 's', TTL);
  const forgetful = deployment.nodes.slice(1);
  await reconnected(clients.slice(1), () =>
    Promise.all(forgetful.map(({ server }) => server.start({ empty: true }))),
  );
  expect(await faults(other.acquire('r', TTL, { wait: 0 }))).toContain('QUARANTINED');
  const names = forgetful.map(({ proxy }) => `${proxy.host}:${proxy.port}`);
  await until('both are reported', () => reports.length === 2);
  const expected = names.map((node) => ({ node, duration: expect.any(Number) }));
  expect(reports).toEqual(expect.arrayContaining(expected));
  expect(lock.remaining()).toBeGreaterThan(0);
});

test.each([
  { how: 'with its data', empty: false },
  { how: 'without its data', empty: true },
])(
  'the only node restarts $how: a waiter gets a lock after the quarantine and not before',
  async ({ empty }) => {
    await using deployment = await Deployment.start(1);
    const options = { nodeTimeout: pace.hasty, quarantineTime };
    const { redlock, clients } = await deployment.contender(options);
    const lock = await redlock.acquire('held', TTL);
    const start = performance.now();
    await reconnected(clients, () => deployment.node(0).server.start({ empty }));
    const other = await redlock.acquire('other', TTL);
    expect(performance.now() - start).toBeGreaterThan(quarantineTime);
    expect(await other.release()).toBe(true);
    if (empty) expect(await rejectionOf(lock.extend())).toMatchObject({ reason: 'NOT_HELD' });
    else await untilExtended(lock);
  },
);
