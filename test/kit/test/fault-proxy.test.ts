import { once } from 'node:events';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FaultProxy } from '../src/index.js';
import { EchoServer } from './echo-server.js';
import { RedisClient, askOnce } from './redis-client.js';

let server: EchoServer;
let proxy: FaultProxy;
let client: RedisClient;

beforeEach(async () => {
  server = new EchoServer();
  await server.listen();
  proxy = await FaultProxy.start(server);
  client = await RedisClient.connect(proxy);
  await client.ask('hello');
});

afterEach(async () => {
  client.destroy();
  await proxy.close();
  await server.close();
});

/** The end of the client's connection that the proxy has opened. */
function serverSide(): Socket {
  const [socket] = server.sockets;
  if (socket === undefined) throw new Error('The proxy has not connected');
  return socket;
}

/** Whether the promise is still open when the other one is settled. */
async function isOpenAfter(promise: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  const first = await Promise.race([promise.then(() => 'promise'), other.then(() => 'other')]);
  return first === 'other';
}

describe('a proxy without faults', () => {
  test('passes both directions on and counts its clients', async () => {
    expect(await client.ask('again')).toBe('again');
    expect(proxy.connections).toBe(1);
    const second = await RedisClient.connect(proxy);
    expect(await second.ask('second')).toBe('second');
    expect(proxy.connections).toBe(2);
    second.destroy();
  });

  test('ends the server side when the client goes', async () => {
    const socket = serverSide();
    const closed = once(socket, 'close');
    client.destroy();
    await closed;
    expect(proxy.connections).toBe(0);
  });

  test('ends the client side when the server goes', async () => {
    for (const socket of server.sockets) socket.destroy();
    await client.closed;
  });

  test('closes a connection that the server refuses', async () => {
    await server.close();
    const late = await RedisClient.connect(proxy);
    await late.closed;
    await server.listen();
  });
});

describe('delay', () => {
  test('holds each chunk for its time, in each direction and in order', async () => {
    proxy.delay(40);
    const start = performance.now();
    expect(await client.ask('late')).toBe('late');
    expect(performance.now() - start).toBeGreaterThanOrEqual(80);
    expect(server.received).toEqual(['hello', 'late']);
  });

  test('ends with 0, which lets go on at once what was waiting', async () => {
    proxy.delay(60_000);
    const first = client.ask('first');
    expect(await isOpenAfter(first, askOnce(server, 'direct'))).toBe(true);
    proxy.delay(0);
    const second = RedisClient.connect(proxy).then((other) => other.ask('second'));
    expect(await Promise.all([first, second])).toEqual(['first', 'second']);
    expect(server.received).toEqual(['hello', 'direct', 'first', 'second']);
  });
});

describe('blackHole', () => {
  test('holds existing and new connections, and lets their bytes go on after heal', async () => {
    proxy.blackHole();
    const held = client.ask('held');
    const late = await RedisClient.connect(proxy);
    const lateHeld = late.ask('late');
    const direct = askOnce(server, 'direct');
    expect(await isOpenAfter(Promise.race([held, lateHeld]), direct)).toBe(true);
    expect(server.received).toEqual(['hello', 'direct']);
    await proxy.heal();
    expect(await Promise.all([held, lateHeld])).toEqual(['held', 'late']);
  });

  test('hides from the client that the server is gone', async () => {
    proxy.blackHole();
    const socket = serverSide();
    const gone = once(socket, 'close');
    socket.destroy();
    expect(
      await isOpenAfter(
        client.closed,
        gone.then(() => askOnce(server, 'direct')),
      ),
    ).toBe(true);
    await proxy.heal();
    await client.closed;
  });

  test('delivers after heal what a client had sent before it left', async () => {
    proxy.blackHole();
    client.send('last words');
    client.destroy();
    await client.closed;
    const socket = serverSide();
    const closed = once(socket, 'close');
    await proxy.heal();
    await closed;
    expect(server.received).toEqual(['hello', 'last words']);
  });
});

describe('dropReply', () => {
  test('lets the request through and cuts the connection instead of the reply', async () => {
    const dropped = proxy.dropReply();
    client.send('lost');
    await Promise.all([dropped, client.closed]);
    expect(server.received).toEqual(['hello', 'lost']);
    expect(await askOnce(proxy, 'next')).toBe('next');
  });

  test('keeps the connection with cut: false, for as many replies as asked', async () => {
    const dropped = proxy.dropReply({ cut: false, count: 2 });
    const reply = client.reply();
    client.send('one');
    const other = await RedisClient.connect(proxy);
    other.send('two');
    await dropped;
    client.send('three');
    expect(await reply).toBe('three');
    other.destroy();
  });

  test('takes the reply to the request that matches, on its own connection', async () => {
    const dropped = proxy.dropReply({ match: (request) => request.includes('target') });
    expect(await client.ask('harmless')).toBe('harmless');
    const other = await RedisClient.connect(proxy);
    other.send('target');
    await Promise.all([dropped, other.closed]);
    expect(await client.ask('still here')).toBe('still here');
  });

  test('rejects when the proxy is healed or closed before a reply came', async () => {
    const healed = proxy.dropReply();
    await proxy.heal();
    await expect(healed).rejects.toThrow('healed');
    expect(await client.ask('whole')).toBe('whole');
    const closed = proxy.dropReply();
    await proxy.close();
    await expect(closed).rejects.toThrow('closed');
  });
});

describe('cut', () => {
  test('destroys the open connections and serves new ones', async () => {
    proxy.cut();
    await client.closed;
    expect(await askOnce(proxy, 'new')).toBe('new');
  });
});

describe('refuse', () => {
  test('destroys the open connections and refuses new ones until heal', async () => {
    proxy.refuse();
    await client.closed;
    await expect(RedisClient.connect(proxy)).rejects.toThrow('ECONNREFUSED');
    await proxy.heal();
    expect(await askOnce(proxy, 'back')).toBe('back');
  });

  test('wins over a heal that has not finished', async () => {
    proxy.refuse();
    const healed = proxy.heal();
    proxy.refuse();
    await healed;
    await expect(RedisClient.connect(proxy)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('close', () => {
  test('destroys everything, for good, and may be called twice', async () => {
    await Promise.all([proxy.close(), proxy.close()]);
    await proxy.close();
    await client.closed;
    await expect(RedisClient.connect(proxy)).rejects.toThrow('ECONNREFUSED');
    await expect(proxy.heal()).rejects.toThrow('closed');
  });
});
