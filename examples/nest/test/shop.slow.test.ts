import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type RedisServer, startServers, until } from 'test-kit';
import { Program, variablesOf } from '../../test/support/program.js';

let servers: RedisServer[] = [];
let instances: Program[] = [];

beforeAll(async () => {
  servers = await startServers(5);
});

afterEach(async () => {
  await Promise.all(instances.map((instance) => instance[Symbol.asyncDispose]()));
  instances = [];
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

/** One instance of the shop. */
async function start(env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const variables = { ...variablesOf(servers), PORT: '0', ...env };
  const instance = new Program('../nest/dist/main.js', variables);
  instances.push(instance);
  await instance.printed('listens at ');
  return instance;
}

async function pay({ out }: Program, order: string): Promise<{ status: number; body: unknown }> {
  const [, url = ''] = /listens at (\S+)/.exec(out) ?? [];
  const response = await fetch(`${url}/orders/${order}/payment`, { method: 'POST' });
  return { status: response.status, body: await response.json() };
}

test('an order is paid by one instance, and a click that reaches another is refused', async () => {
  const [one, two] = await Promise.all([start({ BANK_MS: '3000' }), start()]);
  const first = pay(one, '7');
  await one.printed('order 7 is being paid');
  expect(await pay(two, '7')).toMatchObject({ status: 409, body: { error: 'Conflict' } });
  expect((await pay(two, '8')).status).toBe(201);
  expect(await first).toMatchObject({ status: 201, body: { paid: '7' } });
});

test('a scheduled report is made by one of two instances each time', async () => {
  const both = await Promise.all([start(), start()]);
  const reports = () =>
    both.flatMap(({ out }) =>
      [...out.matchAll(/^makes (report:\d+)$/gm)].map(([, report]) => report),
    );
  await until('there are some', () => reports().length >= 4);
  expect(new Set(reports()).size).toBe(reports().length);
});

test('an instance that is terminated answers first, and releases its locks', async () => {
  const [one, two] = await Promise.all([start({ BANK_MS: '1000' }), start()]);
  const paying = pay(one, '9');
  await one.printed('order 9 is being paid');
  one.kill('SIGTERM');
  expect((await paying).status).toBe(201);
  await one.ended();
  expect((await pay(two, '9')).status).toBe(201);
});
