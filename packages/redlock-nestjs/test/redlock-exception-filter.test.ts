import 'reflect-metadata';
import { Controller, Get, type INestApplication } from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { Redlock, RedlockClosedError } from 'redlock-core';
import { Locked, RedlockExceptionFilter, RedlockModule } from 'redlock-nestjs';

@Controller()
class Orders {
  @Get('pay')
  @Locked('order:7', { ttl: 10_000, wait: 0 })
  async pay(): Promise<string> {
    return 'paid';
  }

  @Get('closed')
  async closed(): Promise<never> {
    throw new RedlockClosedError(['order:7']);
  }

  @Get('broken')
  async broken(): Promise<never> {
    throw new Error('not of a lock');
  }
}

const byToken = { provide: APP_FILTER, useClass: RedlockExceptionFilter };

describe.each([
  ['Express', () => new ExpressAdapter(), [byToken]],
  ['Fastify', () => new FastifyAdapter(), [byToken]],
  ['useGlobalFilters', () => new ExpressAdapter(), []],
])('with %s', (_name, adapter, providers) => {
  const nodes = ['a', 'b', 'c'].map((name) => memoryNode({ name }));
  const logged: string[] = [];
  const log = (...entry: unknown[]) => void logged.push(entry.join(' from '));
  let app: INestApplication;
  let other: Redlock;

  beforeEach(async () => {
    const module = await Test.createTestingModule({
      imports: [RedlockModule.forRoot({ nodes, owner: 'shop-1' })],
      controllers: [Orders],
      providers,
    }).compile();
    app = module.createNestApplication(adapter());
    if (providers.length === 0) {
      app.useGlobalFilters(new RedlockExceptionFilter(app.get(HttpAdapterHost)));
    }
    app.useLogger({ log() {}, warn: log, error: log });
    await app.listen(0, '127.0.0.1');
    other = new Redlock(nodes, { owner: 'shop-2' });
  });

  afterEach(async () => {
    for (const node of nodes) node.recover();
    logged.length = 0;
    await other.close({ release: true });
    await app.close();
  });

  async function get(path: string) {
    const response = await fetch(`${await app.getUrl()}/${path}`);
    const { status, headers } = response;
    const text = await response.text();
    return { status, text, retryAfter: headers.get('retry-after') };
  }

  test('a locked resource is answered with 409, without its name, owner and token', async () => {
    const { token } = await other.acquire('order:7', 10_000);
    const { status, text, retryAfter } = await get('pay');
    expect(status).toBe(409);
    expect(JSON.parse(text)).toEqual({
      statusCode: 409,
      error: 'Conflict',
      message: 'Locked by other work. Try again later.',
    });
    for (const secret of ['order:7', 'shop-2', token]) expect(text).not.toContain(secret);
    expect(retryAfter).toBeNull();
    expect(logged).toEqual([]);
  });

  test('too few nodes are answered with 503 and Retry-After, and the votes are logged', async () => {
    nodes[0]?.fail();
    nodes[1]?.fail();
    const { status, text, retryAfter } = await get('pay');
    expect([status, retryAfter]).toEqual([503, '1']);
    expect(JSON.parse(text)).toEqual({
      statusCode: 503,
      error: 'Service Unavailable',
      message: 'Locks are unavailable. Try again later.',
    });
    expect(logged).toEqual([expect.stringMatching(/ECONNREFUSED.* from RedlockExceptionFilter$/)]);
  });

  test('a closed Redlock is answered with 503, because another instance may answer', async () => {
    expect(await get('closed')).toMatchObject({ status: 503, retryAfter: '1' });
  });

  test('requests that get their lock and errors of other kinds are answered as before', async () => {
    expect(await get('pay')).toMatchObject({ status: 200, text: 'paid' });
    expect(await get('broken')).toMatchObject({ status: 500, retryAfter: null });
  });
});

const adapterHost = new HttpAdapterHost();
adapterHost.httpAdapter = new ExpressAdapter();
const filter = new RedlockExceptionFilter(adapterHost);

test('a response that has begun is ended', () => {
  let ended = false;
  const response = {
    headersSent: true,
    set() {
      throw new Error('its headers are sent');
    },
    end: () => (ended = true),
  };
  const host = new ExecutionContextHost([{}, response]);
  filter.catch(new RedlockClosedError(), host);
  expect(ended).toBe(true);
});

test('outside of HTTP, the filter passes the error on', () => {
  const error = new RedlockClosedError();
  const host = new ExecutionContextHost([]);
  host.setType('graphql');
  expect(() => filter.catch(error, host)).toThrow(error);
});
