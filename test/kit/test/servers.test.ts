import { afterEach, expect, test } from '@jest/globals';
import {
  monitorCommands,
  type RedisServer,
  type ServerOptions,
  startServers,
} from '../src/index.js';
import { RedisClient, askOnce } from './redis-client.js';

const open: RedisServer[] = [];

async function start(count: number, options?: ServerOptions): Promise<RedisServer[]> {
  const servers = await startServers(count, options);
  open.push(...servers);
  return servers;
}

async function startOne(options?: ServerOptions): Promise<RedisServer> {
  const [server] = await start(1, options);
  if (server === undefined) throw new Error('No server was started');
  return server;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

test('startServers starts independent servers with names and ports of their own', async () => {
  const servers = await start(5);
  const names = servers.map((server) => server.name);
  expect(names).toEqual(['node-1', 'node-2', 'node-3', 'node-4', 'node-5']);
  expect(new Set(servers.map((server) => server.port)).size).toBe(5);
  await Promise.all(servers.map((server) => askOnce(server, `SET name ${server.name}`)));
  const values = await Promise.all(servers.map((server) => askOnce(server, 'GET name')));
  expect(values).toEqual(names.map((name) => `$6\r\n${name}`));
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

test('a server can be killed and closed twice, and not be started afterwards', async () => {
  const server = await startOne();
  await Promise.all([server.kill(), server.kill()]);
  await Promise.all([server.close(), server.close()]);
  await server.close();
  await expect(server.start()).rejects.toThrow('closed');
});

test('a monitor records the commands that reach its server, and nothing else', async () => {
  const server = await startOne();
  const monitor = await monitorCommands(server);
  await askOnce(server, 'SET key value');
  await monitor.settle();
  expect(monitor.commands()).toEqual(['"SET" "key" "value"']);
  await monitor.close();
});
