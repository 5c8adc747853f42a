import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import type { RedisNode } from 'redlock-core';
import { until } from 'test-kit';
import { rejectionOf } from 'test-kit/rejection';
import { type ValkeyGlideClient, valkeyGlideNode } from '../src/index.js';

const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

interface Options {
  readonly route?: { readonly key: string } | 'allPrimaries' | 'randomNode';
}

/** A GLIDE client, each server of which has the keys that begin with its name, a letter, and some others. */
async function fakeClient(servers: readonly string[], isCluster = false) {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  /** How each server that is not well answers. */
  const ills = new Map<string, () => Promise<never>>();
  const infoOf = async (server: string): Promise<string> =>
    (await ills.get(server)?.()) ?? `id=1 addr=me laddr=${server}`;
  const serverOf = (options?: Options): string => {
    const key = typeof options?.route === 'object' ? options.route.key : '';
    const named = servers.find((server) => key.startsWith(server));
    return named ?? servers[Number(/\d+$/.exec(key)?.[0] ?? 0) % servers.length] ?? '';
  };
  const client = {
    config: { addresses: [{ host: '127.0.0.1', port }] },
    isClosed: false,
    ...(isCluster && { pubsubShardChannels: [] }),
    async exec(_batch: unknown, _raises: boolean, options: Options) {
      return [await infoOf(serverOf(options)), 'OK'];
    },
    async customCommand(_args: string[], options?: Options) {
      if (options?.route !== 'allPrimaries') return await infoOf(serverOf(options));
      return await Promise.all(servers.map(async (key) => ({ key, value: await infoOf(key) })));
    },
    close: () => {},
  };
  const node = valkeyGlideNode(client as unknown as ValkeyGlideClient);
  ends.push(
    node.onReady(() => {}),
    () => void (client.isClosed = true),
    () => void listener.close(),
  );
  return { node, ills };
}

function lock(node: RedisNode, key: string): Promise<unknown> {
  return node.call(['EVALSHA', 'sha', '1', key]);
}

test('commands that are not sent after a failure reject with its reason, which lastError shows', async () => {
  const { node, ills } = await fakeClient(['a']);
  await lock(node, 'a');
  let sent = 0;
  ills.set('a', async () => {
    // The first one fails while the others are on their way.
    await sleep(sent++ === 0 ? 1 : 20);
    throw new Error('broken pipe');
  });
  const errors = await Promise.all(Array.from({ length: 40 }, () => rejectionOf(lock(node, 'a'))));
  expect(node.lastError).toMatchObject({ message: 'broken pipe' });
  expect(errors.map((error) => (error as Error).message)).toEqual(errors.map(() => 'broken pipe'));
});

/** The keys are of one slot for each server. */
const [ON_A, ON_B, ON_C] = ['a', 'b', 'c'] as const;

test('one hung master of a Cluster takes only its own slots away', async () => {
  const { node, ills } = await fakeClient(['a', 'b', 'c'], true);
  for (const key of [ON_A, ON_B, ON_C]) await lock(node, key);
  let fail: (() => void) | undefined;
  const timeout = new Promise<never>((_, reject) => {
    fail = () => reject(new Error('timed out'));
  });
  ills.set('c', () => timeout);
  const hung = Array.from({ length: 40 }, () => rejectionOf(lock(node, ON_C)));
  const well = () => Promise.all([ON_A, ON_B].map((key) => lock(node, key)));
  expect(await well()).toEqual(['OK', 'OK']);
  fail?.();
  await Promise.all(hung);
  expect(node.ready).toBe(true);
  expect(await well()).toEqual(['OK', 'OK']);
  // A probe has found the others by then.
  await sleep(100);
  expect(node.ready).toBe(true);
});

test('a Cluster whose masters all fail is not ready until one of them answers again', async () => {
  const { node, ills } = await fakeClient(['a', 'b', 'c'], true);
  await lock(node, ON_A);
  for (const server of ['a', 'b', 'c']) {
    ills.set(server, async () => {
      throw new Error('timed out');
    });
  }
  await rejectionOf(lock(node, ON_A));
  await until('the node is not ready', () => !node.ready);
  expect(node.lastError).toMatchObject({ message: 'timed out' });
  ills.delete('b');
  await until('the node is ready', () => node.ready);
});
