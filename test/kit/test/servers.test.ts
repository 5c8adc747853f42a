import { afterEach, expect, test } from '@jest/globals';
import { type RedisServer, type ServerOptions, startServer, startServers } from '../src/index.js';
import { RedisClient, askOnce } from './redis-client.js';

const open: RedisServer[] = [];

async function startOne(options?: ServerOptions): Promise<RedisServer> {
  const server = await startServer(options);
  open.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

test('startServers gives the directives to the servers, and rejects with the log of one that cannot start', async () => {
  const server = await startOne({ config: { maxmemory: '64mb', save: '60 1' } });
  expect(await askOnce(server, 'CONFIG GET maxmemory')).toContain('67108864');
  expect(await askOnce(server, 'CONFIG GET save')).toContain('60 1');
  await expect(startServers(2, { config: { nonsense: 'yes' } })).rejects.toThrow(
    /Bad directive or wrong number of arguments/,
  );
});

test('a server has its data again after it was killed and started, except with `empty`', async () => {
  const server = await startOne();
  await askOnce(server, 'SET key value');
  await server.kill();
  await expect(RedisClient.connect(server)).rejects.toThrow('ECONNREFUSED');
  await server.start();
  expect(await askOnce(server, 'GET key')).toBe('$5\r\nvalue');
  await server.start({ empty: true });
  expect(await askOnce(server, 'GET key')).toBe('$-1');
});

test('a paused server answers after it resumes, and can be killed, started and closed', async () => {
  const server = await startOne();
  const client = await RedisClient.connect(server);
  await server.pause();
  let answered = false;
  const reply = client.ask('PING').finally(() => (answered = true));
  // In the time of a start, a server that runs answers.
  await startOne();
  expect(answered).toBe(false);
  await server.resume();
  expect(await reply).toBe('+PONG');
  client.destroy();
  await server.pause();
  await server.kill();
  await server.start();
  expect(await askOnce(server, 'PING')).toBe('+PONG');
  await server.pause();
  await server.close();
  await expect(RedisClient.connect(server)).rejects.toThrow('ECONNREFUSED');
});
