import { once } from 'node:events';
import { afterEach, expect, jest, test } from '@jest/globals';
import { Redis as Redis6 } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { type RedisNode, Redlock } from 'redlock-core';
import { type ClientOptions, Deployment, emitter, type Major, rejectionOf, until } from 'test-kit';
import { ioredisNode } from '../../src/index.js';

const PASSWORD = 'something-secret';

afterEach(() => {
  jest.restoreAllMocks();
});

/** Why a node is not connected, and what it does then. */
export function testConnection(major: Major): void {
  test.each<{ what: string; options: ClientOptions; code: string }>([
    {
      what: 'a password that is wrong',
      options: { password: 'another-secret' },
      code: 'WRONGPASS',
    },
    { what: 'a password that is missing', options: {}, code: 'NOAUTH' },
  ])('$what is what the vote says', async ({ options, code }) => {
    await using deployment = await Deployment.start(1, { config: { requirepass: PASSWORD } });
    const node = ioredisNode(deployment.client(major, 0, options));
    await using redlock = new Redlock([node], { nodeTimeout: 500 });
    await until('the client has been refused', () => node.lastError !== undefined);
    const error = await rejectionOf(redlock.acquire('r', 60_000, { wait: 0 }));
    expect(error).toMatchObject({
      votes: [{ error: { code, message: expect.stringMatching(`not connected.*: ${code} `) } }],
    });
    expect(JSON.stringify([error, node.lastError])).not.toContain('secret');
  });

  test('a connection that has been lost is told of until there is another', async () => {
    await using deployment = await Deployment.start(1);
    const { server, proxy } = deployment.node(0);
    const client = deployment.client(major, 0);
    const node = ioredisNode(client);
    await until('the node is ready', () => node.ready);
    expect(node.lastError).toBeUndefined();
    await server.kill();
    await until('the connection is lost', () => node.lastError !== undefined);
    expect(node.lastError).toMatchObject({ message: 'Connection is closed.' });
    proxy.refuse();
    await until('it is refused', () => JSON.stringify(node.lastError).includes('ECONNREFUSED'));
    await server.start();
    await proxy.heal();
    await until('the node is ready', () => node.ready);
    expect(node.lastError).toBeUndefined();
  });

  test.each<{ how: string; options: ClientOptions; connected: boolean }>([
    { how: 'before it connects', options: {}, connected: false },
    { how: 'when it has connected', options: {}, connected: true },
    {
      how: 'without checks of its own',
      options: { enableReadyCheck: false, disableClientInfo: true },
      connected: false,
    },
  ])(
    'a client whose database is refused, given $how, locks in no other',
    async ({ options, connected }) => {
      await using deployment = await Deployment.start(1);
      const { probe, proxy } = deployment.node(0);
      const client = deployment.client(major, 0, { db: 99, lazyConnect: !connected, ...options });
      await until('it is as it is given', () => !connected || client.status === 'ready');
      const node = ioredisNode(client);
      await using redlock = new Redlock([node], { nodeTimeout: 500 });
      for (let connection = 1; connection <= 2; connection++) {
        const error = await rejectionOf(redlock.acquire('r', 60_000, { wait: 0 }));
        const message = expect.stringContaining('ERR DB index is out of range');
        expect(error).toMatchObject({ votes: [{ error: { code: 'ERR', message } }] });
        expect(node.ready).toBe(false);
        const again = new Promise<void>((resolve) => emitter(client).once('ready', resolve));
        proxy.cut();
        await again;
      }
      expect(await probe.dbsize()).toBe(0);
    },
  );

  test('a client whose database is refused locks there once the server takes it', async () => {
    await using deployment = await Deployment.start(1);
    const { probe } = deployment.node(0);
    await probe.call('ACL', 'SETUSER', 'limited', 'on', '>pw', '~*', '&*', '+@all', '-select');
    const client = deployment.client(major, 0, { username: 'limited', password: 'pw', db: 3 });
    await using redlock = new Redlock([ioredisNode(client)], { nodeTimeout: 500 });
    const refused = await rejectionOf(redlock.acquire('r', 60_000, { wait: 0 }));
    expect(refused).toMatchObject({ votes: [{ error: { code: 'NOPERM' } }] });
    await probe.call('ACL', 'SETUSER', 'limited', '+select');
    const lock = await redlock.acquire('r', 60_000);
    await probe.select(3);
    expect(await probe.get('r')).toBe(lock.token);
  });

  test('a client prints the errors that nobody listens to, with a node as without', async () => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => {});
    const options = { host: '127.0.0.1', port: 1, lazyConnect: true, retryStrategy: () => null };
    const client = major === 5 ? new Redis5(options) : new Redis6(options);
    const nodes: RedisNode[] = [ioredisNode(client), ioredisNode(client)];
    await rejectionOf(client.connect());
    expect(printed.mock.calls).toEqual([
      ['[ioredis] Unhandled error event:', expect.stringContaining('ECONNREFUSED')],
    ]);
    expect(nodes[0]?.lastError).toMatchObject({ code: 'ECONNREFUSED' });
    const heard = once(emitter(client), 'error');
    await rejectionOf(client.connect());
    expect(await heard).toMatchObject([{ code: 'ECONNREFUSED' }]);
    expect(printed).toHaveBeenCalledTimes(1);
  });
}
