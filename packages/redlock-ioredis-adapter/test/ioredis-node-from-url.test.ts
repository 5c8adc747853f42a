import { describe, expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { Deployment, pace } from 'test-kit';
import { ioredisNodeFromUrl } from '../src/index.js';

const TTL = 60_000;

describe('a node made of a URL', () => {
  test('votes again soon after its server is back', async () => {
    await using deployment = await Deployment.start(1);
    const { proxy, server } = deployment.node(0);
    const node = ioredisNodeFromUrl(`redis://${proxy.host}:${proxy.port}`);
    // The server keeps every write.
    const options = { nodeTimeout: pace.brief, wait: pace.limit, quarantine: false };
    await using redlock = new Redlock([node], options);
    await (await redlock.acquire('url', TTL)).release();
    await server.kill();
    await expect(redlock.acquire('url', TTL, { wait: 0 })).rejects.toMatchObject({
      code: 'QUORUM_UNAVAILABLE',
    });
    await server.start();
    const lock = await redlock.acquire('url', TTL);
    expect(await lock.release()).toBe(true);
  });

  test.each([
    'user:secret@cache:6379',
    'http://user:secret@cache:6379',
    'redis://',
    'redis://user:secret@',
    '/run/secret.sock',
    '',
    undefined as never,
    7 as never,
  ])('is refused where the URL is none of a server, without showing it (%#)', (url) => {
    const make = (): unknown => ioredisNodeFromUrl(url);
    expect(make).toThrow(TypeError);
    expect(make).toThrow('redis://host:port');
    expect(make).not.toThrow(/secret/);
  });

  test.each([
    ...['/orders', '/1.5', '/1/2', '/0x1', '/-1', '/%20'].map((end) => [
      end,
      'the number of a database',
    ]),
    // ioredis would take these ends for options, or leave them out.
    ...['?db=3', '?keyPrefix=app:', '?tls=true', '/2?', '#1'].map((end) => [
      end,
      'without a ? or #',
    ]),
  ] as [string, string][])('is refused where it ends with %s', (end, message) => {
    const make = (): unknown => ioredisNodeFromUrl(`redis://user:secret@cache:6379${end}`);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
    expect(make).not.toThrow(/secret/);
  });

  test.each(['redis://100%:secret@cache', 'redis://user:secret%zz@cache'])(
    'is refused where a %% stands for itself (%#)',
    (url) => {
      const make = (): unknown => ioredisNodeFromUrl(url);
      expect(make).toThrow(TypeError);
      expect(make).toThrow('%25');
      expect(make).not.toThrow(/secret/);
    },
  );

  test('takes a name and a timeout', async () => {
    const node = ioredisNodeFromUrl('redis://cache:7000', { name: 'far', timeout: 400 });
    expect(node).toMatchObject({ name: 'far', timeout: 400 });
    await node.close?.();
  });
});
