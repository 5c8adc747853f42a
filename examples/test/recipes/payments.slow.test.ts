import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { pace, type RedisServer, startServers } from 'test-kit';
import { Program, variablesOf, withMostAway } from '../support/program.js';

let servers: RedisServer[] = [];

beforeAll(async () => {
  servers = await startServers(5);
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

/** Another order for each test. */
let orders = 0;
const newOrder = (): string => `order-${++orders}`;

describe.each(['express', 'fastify'])('%s', (framework) => {
  /** One server of the shop, which listens. */
  async function start(env: NodeJS.ProcessEnv = {}): Promise<Program> {
    const variables = { ...variablesOf(servers), PORT: '0', ...env };
    const program = new Program(`recipes/${framework}.js`, variables);
    await program.printed('listens at ');
    return program;
  }

  test('of submissions that reach two servers at once one pays, and the others are refused', async () => {
    await using one = await start();
    await using two = await start();
    const order = newOrder();
    const statuses = await Promise.all([one, two, one].map((server) => pay(server, { order })));
    expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
    expect(one.count('charging') + two.count('charging')).toBe(1);
    // After the payment, too.
    expect(await pay(two, { order })).toBe(409);
    expect(await pay(two, { order: newOrder() })).toBe(201);
  });

  test('a payment that failed may be tried again at once', async () => {
    await using server = await start();
    const order = newOrder();
    expect(await pay(server, { order, card: 'expired' })).toBe(402);
    expect(await pay(server, { order })).toBe(201);
  });

  test('a client that goes away frees nothing while its payment is under way', async () => {
    await using one = await start({ BANK_MS: '60000' });
    await using two = await start();
    const order = newOrder();
    const client = new AbortController();
    const gone = pay(one, { order }, client.signal).catch(() => 'gone');
    await one.printed(`charging order ${order}`);
    client.abort();
    expect(await gone).toBe('gone');
    expect(await pay(two, { order })).toBe(409);
    expect(two.count('charging')).toBe(0);
  });

  test('a lock that is lost stops the payment, and the client hears 503', async () => {
    await using server = await start({ BANK_MS: '60000' });
    const order = newOrder();
    const response = send(server, { order });
    await server.printed(`charging order ${order}`);
    await deleteOnAll(`payment:${order}`);
    const { status, headers } = await response;
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('5');
  });

  test('with most nodes away, 503 says when to try again, and nothing is charged', async () => {
    await using server = await start(withMostAway(servers));
    const { status, headers } = await send(server, { order: newOrder() });
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('5');
    expect(server.count('charging')).toBe(0);
  });

  test('a request that names no order is the fault of the client', async () => {
    await using server = await start();
    expect(await pay(server, { order: '{x}:fencing' })).toBe(400);
    expect(await pay(server, {})).toBe(400);
    const { status } = await fetch(`${urlOf(server)}/payments`, { method: 'POST' });
    expect(status).toBe(400);
  });

  test('a server that is told to stop answers first, and gives the order back', async () => {
    await using one = await start({ BANK_MS: '1000' });
    await using two = await start();
    const order = newOrder();
    const paying = pay(one, { order, card: 'expired' });
    await one.printed(`charging order ${order}`);
    one.kill('SIGTERM');
    expect(await paying).toBe(402);
    const answered = performance.now();
    expect(await one.ended()).toBe(0);
    // Not when the connection of the client, kept alive, times out.
    expect(performance.now() - answered).toBeLessThan(pace.prompt);
    expect(await pay(two, { order })).toBe(201);
  });
});

async function pay(server: Program, body: object, signal?: AbortSignal): Promise<number> {
  const { status } = await send(server, body, signal);
  return status;
}

async function send(server: Program, body: object, signal?: AbortSignal): Promise<Response> {
  const response = await fetch(`${urlOf(server)}/payments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ card: 'valid', ...body }),
    signal: signal ?? null,
  });
  await response.text();
  return response;
}

function urlOf(server: Program): string {
  const [, url = ''] = /listens at (\S+)/.exec(server.out) ?? [];
  return url;
}

async function deleteOnAll(key: string): Promise<void> {
  for (const { host, port } of servers) {
    const client = new Redis(port, host);
    await client.del(key);
    client.disconnect();
  }
}
