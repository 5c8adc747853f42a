import { once } from 'node:events';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
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

/** The server's end of the client's connection. */
function serverSide(): Socket {
  const [socket] = server.sockets;
  if (socket === undefined) throw new Error('The proxy has not connected');
  return socket;
}

/** Whether the promise is still pending when the other one is settled. */
async function isOpenAfter(promise: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  const first = await Promise.race([promise.then(() => 'promise'), other.then(() => 'other')]);
  return first === 'other';
}

test('without faults, chunks pass in both directions, and either end closes the other', async () => {
  expect(await client.ask('again')).toBe('again');
  const second = await RedisClient.connect(proxy);
  expect(await second.ask('second')).toBe('second');
  expect(proxy.connections).toBe(2);
  const closed = once(serverSide(), 'close');
  client.destroy();
  await closed;
  expect(proxy.connections).toBe(1);
  for (const socket of server.sockets) socket.destroy();
  await second.closed;
});

test('a connection that the server refuses is closed', async () => {
  await server.close();
  const late = await RedisClient.connect(proxy);
  await late.closed;
  await server.listen();
});

test('delay holds each chunk in each direction and in order, until it is 0', async () => {
  proxy.delay(40);
  const start = performance.now();
  expect(await client.ask('late')).toBe('late');
  expect(performance.now() - start).toBeGreaterThanOrEqual(80);
  proxy.delay(60_000);
  const first = client.ask('first');
  expect(await isOpenAfter(first, askOnce(server, 'direct'))).toBe(true);
  proxy.delay(0);
  const second = RedisClient.connect(proxy).then((other) => other.ask('second'));
  expect(await Promise.all([first, second])).toEqual(['first', 'second']);
  expect(server.received).toEqual(['hello', 'late', 'direct', 'first', 'second']);
});

test('blackHole holds existing and new connections, and their chunks pass after heal', async () => {
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

test('blackHole hides the end of either side until heal', async () => {
  proxy.blackHole();
  const socket = serverSide();
  const gone = once(socket, 'close');
  socket.destroy();
  const answered = gone.then(() => askOnce(server, 'direct'));
  expect(await isOpenAfter(client.closed, answered)).toBe(true);
  await proxy.heal();
  await client.closed;

  const leaver = await RedisClient.connect(proxy);
  await leaver.ask('connected');
  proxy.blackHole();
  leaver.send('last words');
  leaver.destroy();
  await leaver.closed;
  const closed = once(serverSide(), 'close');
  await proxy.heal();
  await closed;
  expect(server.received.at(-1)).toBe('last words');
});

test('dropReply passes the request on and cuts the connection instead of replying', async () => {
  const dropped = proxy.dropReply();
  client.send('lost');
  await Promise.all([dropped, client.closed]);
  expect(server.received).toEqual(['hello', 'lost']);
  expect(await askOnce(proxy, 'next')).toBe('next');
});

test('dropReply takes the reply to the request that matches, on its connection', async () => {
  const dropped = proxy.dropReply({ match: (request) => request.includes('target') });
  expect(await client.ask('harmless')).toBe('harmless');
  const other = await RedisClient.connect(proxy);
  other.send('target');
  await Promise.all([dropped, other.closed]);
  expect(await client.ask('still here')).toBe('still here');
});

test('dropReply rejects when the proxy is healed or closed before a reply', async () => {
  const healed = proxy.dropReply();
  await proxy.heal();
  await expect(healed).rejects.toThrow('healed');
  expect(await client.ask('whole')).toBe('whole');
  const closed = proxy.dropReply();
  await proxy.close();
  await expect(closed).rejects.toThrow('closed');
});

test('cut destroys open connections, and refuse also new ones until heal, even if a heal is under way', async () => {
  proxy.cut();
  await client.closed;
  const second = await RedisClient.connect(proxy);
  expect(await second.ask('new')).toBe('new');
  proxy.refuse();
  await second.closed;
  const healed = proxy.heal();
  proxy.refuse();
  await healed;
  await expect(RedisClient.connect(proxy)).rejects.toThrow('ECONNREFUSED');
  await proxy.heal();
  expect(await askOnce(proxy, 'back')).toBe('back');
});

test('close destroys everything for good, and may be called twice', async () => {
  await Promise.all([proxy.close(), proxy.close()]);
  await client.closed;
  await expect(RedisClient.connect(proxy)).rejects.toThrow('ECONNREFUSED');
  await expect(proxy.heal()).rejects.toThrow('closed');
});
