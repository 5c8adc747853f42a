import { expect, test } from '@jest/globals';
import type { RedlockOptions } from 'redlock-core';
import { rejectionOf } from 'test-kit/rejection';
import { ManualRuntime } from '../support/manual-runtime.js';
import { settle } from '../support/settle.js';
import { TestNode } from '../support/test-node.js';
import { redlockOver } from '../support/world.js';

const TTL = 1000;

/** A process with one client of one node, over which any number of Redlocks are made. */
function oneClient() {
  const runtime = new ManualRuntime();
  const client = {};
  const node = Object.assign(new TestNode('a'), { client });
  const redlock = (options?: RedlockOptions, over = node) =>
    redlockOver([over], options, runtime).redlock;
  const restart = async (): Promise<void> => {
    node.disconnect();
    node.server.restart();
    node.connected();
    await settle();
  };
  return { runtime, node, redlock, restart };
}

const refused = {
  code: 'QUORUM_UNAVAILABLE',
  votes: [{ error: { code: 'QUARANTINED' } }],
};

test.each(['open', 'closed', 'over another node object'])(
  'quarantine: a Redlock distrusts a node that restarted after one over the same client has seen it, which is %s',
  async (how) => {
    const { redlock, restart, node } = oneClient();
    const first = redlock();
    await (await first.acquire('r', TTL)).release();
    if (how === 'closed') await first.close();
    await restart();
    const { server, client } = node;
    const again = Object.assign(new TestNode('b', { server }), { client });
    const second = redlock({}, how.startsWith('over') ? again : node);
    expect(await rejectionOf(second.acquire('r', TTL, { wait: 0 }))).toMatchObject(refused);
  },
);

test('quarantine: lasts as long as the longest quarantineTime of the Redlocks over one client', async () => {
  const { redlock, restart, runtime } = oneClient();
  const first = redlock({ quarantineTime: 1000 });
  const second = redlock({ quarantineTime: 8000 });
  await (await first.acquire('r', TTL)).release();
  await (await second.acquire('r', TTL)).release();
  await restart();
  await runtime.advance(7900);
  expect(await rejectionOf(first.acquire('r', TTL, { wait: 0 }))).toMatchObject(refused);
  await runtime.advance(100);
  await (await first.acquire('r', TTL, { wait: 0 })).release();
});

test('quarantine: covers the longest ttl that any Redlock of the process has used', async () => {
  const { redlock, restart, runtime } = oneClient();
  const elsewhere = redlock({}, Object.assign(new TestNode('b'), { client: {} }));
  await (await elsewhere.acquire('other', 20_000)).release();
  const here = redlock();
  await (await here.acquire('r', TTL)).release();
  await restart();
  await runtime.advance(19_900);
  expect(await rejectionOf(here.acquire('r', TTL, { wait: 0 }))).toMatchObject(refused);
});

test('quarantine: each Redlock over one client reports it once', async () => {
  const { redlock, restart, runtime } = oneClient();
  const reports: string[] = [];
  for (const name of ['first', 'second']) {
    const one = redlock();
    await (await one.acquire('r', TTL)).release();
    one.on('nodeQuarantined', () => reports.push(name));
    one.on('nodeTrusted', () => reports.push(`${name} trusts`));
  }
  await restart();
  expect(reports.toSorted()).toEqual(['first', 'second']);
  await runtime.advance(5000);
  expect(reports.toSorted()).toEqual(['first', 'first trusts', 'second', 'second trusts']);
});
