import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type RedisServer, startServers, until } from 'test-kit';
import { Program, variablesOf, withMostAway } from '../support/program.js';

let servers: RedisServer[] = [];

beforeAll(async () => {
  servers = await startServers(5);
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

/** A process that the platform has started, before its first event. */
async function coldStart(
  env: NodeJS.ProcessEnv = {},
  nodes = variablesOf(servers),
): Promise<Program> {
  const program = new Program('../test/support/lambda-runtime.js', { ...nodes, ...env });
  await program.printed('waits for events');
  return program;
}

/** @returns the status of its latest answer */
async function invoke(program: Program): Promise<number> {
  const answers = program.count('answers ');
  program.kill('SIGUSR2');
  await program.printed('answers ', answers + 1);
  const [status] = program.out.match(/\d+\s*$/) ?? [];
  return Number(status);
}

test('a cold process trusts no node that may have forgotten a lock before it began', async () => {
  await using program = await coldStart({ TIMEOUT_MS: '2000' });
  expect(await invoke(program)).toBe(503);
  expect(program.count('sending')).toBe(0);
  await until(
    'the nodes have been up for long enough',
    async () => (await invoke(program)) === 200,
  );
});

test('of two processes one does it, and the other says in time that it is busy', async () => {
  await using one = await coldStart({ INVOICE: 'two', WORK_MS: '60000', TIMEOUT_MS: '60000' });
  await using two = await coldStart({ INVOICE: 'two', TIMEOUT_MS: '4000' });
  one.kill('SIGUSR2');
  await one.printed('sending two');
  expect(await invoke(two)).toBe(409);
  expect(two.count('sending')).toBe(0);
});

test('work that takes too long is stopped in time, and its lock is free at once', async () => {
  await using one = await coldStart({ INVOICE: 'slow', WORK_MS: '60000', TIMEOUT_MS: '4000' });
  await using two = await coldStart({ INVOICE: 'slow', TIMEOUT_MS: '2000' });
  expect(await invoke(one)).toBe(503);
  expect(one.count('sent')).toBe(0);
  expect(await invoke(two)).toBe(200);
});

test('a process that is frozen while it works has lost its lock when it goes on', async () => {
  await using one = await coldStart({ INVOICE: 'frozen', WORK_MS: '8000', TIMEOUT_MS: '60000' });
  await using two = await coldStart({ INVOICE: 'frozen', TIMEOUT_MS: '60000' });
  one.kill('SIGUSR2');
  await one.printed('sending frozen');
  one.kill('SIGSTOP');
  expect(await invoke(two)).toBe(200);
  one.kill('SIGCONT');
  await one.printed('answers 503');
  expect(one.count('sent')).toBe(0);
});

test('a process that was frozen between two events, and has lost its connections, goes on', async () => {
  await using program = await coldStart({ INVOICE: 'again' });
  expect(await invoke(program)).toBe(200);
  program.kill('SIGSTOP');
  for (const { host, port } of servers) {
    const client = new Redis(port, host);
    await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    client.disconnect();
  }
  program.kill('SIGCONT');
  expect(await invoke(program)).toBe(200);
});

test('with most nodes away, it says so', async () => {
  await using program = await coldStart({ TIMEOUT_MS: '2000' }, withMostAway(servers));
  expect(await invoke(program)).toBe(503);
  expect(program.count('sending')).toBe(0);
});

test('a process that is told to stop gives its lock back', async () => {
  await using one = await coldStart({ INVOICE: 'ended', WORK_MS: '60000', TIMEOUT_MS: '90000' });
  one.kill('SIGUSR2');
  await one.printed('sending ended');
  one.kill('SIGTERM');
  await one.printed('answers 503');
  await using two = await coldStart({ INVOICE: 'ended', TIMEOUT_MS: '2000' });
  expect(await invoke(two)).toBe(200);
});
