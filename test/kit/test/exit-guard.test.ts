import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { RedisClient } from './redis-client.js';

const BUILT = new URL('../dist/index.js', import.meta.url).href;
const OWNER = `
  const { startServers } = await import('${BUILT}');
  const [server] = await startServers(1, {});
  console.log(server.port);
`;

test.each(['SIGKILL', 'SIGTERM'] as const)('no server outlives its process: %s', async (signal) => {
  const owner = spawn(process.execPath, ['--input-type=module', '-e', OWNER], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, REDIS_SERVERS: 'process' },
  });
  const [port] = await once(owner.stdout, 'data');
  const client = await RedisClient.connect({ host: '127.0.0.1', port: Number(String(port)) });
  expect(await client.ask('PING')).toBe('+PONG');
  owner.kill(signal);
  await client.closed;
});
