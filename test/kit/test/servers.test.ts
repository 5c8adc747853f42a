import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type RedisServer,
  type ServerOptions,
  monitorCommands,
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

describe('startServers', () => {
  test('starts independent servers, each with a name and a port of its own', async () => {
    const servers = await start(5);
    const names = servers.map((server) => server.name);
    expect(names).toEqual(['node-1', 'node-2', 'node-3', 'node-4', 'node-5']);
    expect(new Set(servers.map((server) => server.port)).size).toBe(5);
    await Promise.all(servers.map((server) => askOnce(server, `SET name ${server.name}`)));
    const values = await Promise.all(servers.map((server) => askOnce(server, 'GET name')));
    expect(values).toEqual(names.map((name) => `$6\r\n${name}`));
  });

  test('gives the servers the directives asked for', async () => {
    const server = await startOne({ config: { maxmemory: '64mb', save: '60 1' } });
    expect(await askOnce(server, 'CONFIG GET maxmemory')).toContain('67108864');
    expect(await askOnce(server, 'CONFIG GET save')).toContain('60 1');
  });

  test('counts a server that asks for a password as started', async () => {
    const server = await startOne({ config: { requirepass: 'secret' } });
    expect(await askOnce(server, 'PING')).toContain('NOAUTH');
  });

  test('rejects with the last log lines of a server that cannot start', async () => {
    await expect(startServers(2, { config: { nonsense: 'yes' } })).rejects.toThrow(
      /Bad directive or wrong number of arguments/,
    );
  });
});

describe('a server', () => {
  test('has its data again after SIGKILL and start', async () => {
    const server = await startOne();
    await askOnce(server, 'SET key value');
    await server.kill();
    await expect(RedisClient.connect(server)).rejects.toThrow('ECONNREFUSED');
    await server.start();
    expect(await askOnce(server, 'GET key')).toBe('$5\r\nvalue');
  });

  test('is empty after a start that asks for it', async () => {
    const server = await startOne();
    await askOnce(server, 'SET key value');
    await server.start({ empty: true });
    expect(await askOnce(server, 'GET key')).toBe('$-1');
  });

  test('answers only after resume what it was asked while paused', async () => {
    const server = await startOne();
    const client = await RedisClient.connect(server);
    await server.pause();
    let answered = false;
    const reply = client.ask('PING').finally(() => {
      answered = true;
    });
    // Whoever answers now is not paused: the server has had the time of a start to break the rule.
    await startOne();
    expect(answered).toBe(false);
    await server.resume();
    expect(await reply).toBe('+PONG');
    client.destroy();
  });

  test('can be killed, started and closed while paused', async () => {
    const server = await startOne();
    await server.pause();
    await server.kill();
    await server.start();
    expect(await askOnce(server, 'PING')).toBe('+PONG');
    await server.pause();
    await server.close();
    await expect(RedisClient.connect(server)).rejects.toThrow('ECONNREFUSED');
  });

  test('can be killed and closed twice, and not be started after that', async () => {
    const server = await startOne();
    await Promise.all([server.kill(), server.kill()]);
    await server.kill();
    await Promise.all([server.close(), server.close()]);
    await server.close();
    await expect(server.start()).rejects.toThrow('closed');
  });
});

describe('monitorCommands', () => {
  test('records what reaches the server, and nothing else', async () => {
    const server = await startOne();
    const monitor = await monitorCommands(server);
    expect(monitor.commands()).toEqual([]);
    await askOnce(server, 'SET key value');
    await monitor.settle();
    expect(monitor.commands()).toEqual(['"SET" "key" "value"']);
    await monitor.close();
  });
});
