import 'reflect-metadata';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { Redlock } from 'redlock-core';
import {
  getRedlockToken,
  RedlockHealthIndicator,
  RedlockModule,
  type RedlockHealthOptions,
} from 'redlock-nestjs';
import { rejectionOf } from 'test-kit/rejection';

/** An application with a health check, as its users write it, and the nodes of its Redlock. */
async function application({
  name,
  nodeTimeout = 100,
}: { name?: string; nodeTimeout?: number } = {}) {
  const [a, b, c] = [
    memoryNode({ name: 'a' }),
    memoryNode({ name: 'b' }),
    memoryNode({ name: 'c' }),
  ];
  const module = await Test.createTestingModule({
    imports: [
      TerminusModule.forRoot({ logger: false }),
      RedlockModule.forRoot({ name, nodes: [a, b, c], nodeTimeout }),
    ],
  }).compile();
  const app = await module.init();
  const health = app.get(RedlockHealthIndicator);
  const check = (options: RedlockHealthOptions = {}) =>
    app
      .get(HealthCheckService)
      .check([() => health.isHealthy('redlock', { redlock: name, ...options })]);
  return { a, b, c, check, redlock: app.get(getRedlockToken(name)) };
}

function down(reason: string, nodes: object): object {
  const redlock = { status: 'down', reason, nodes };
  return { response: { status: 'error', info: {}, error: { redlock }, details: { redlock } } };
}

test('the health check is ok while a quorum of nodes grants locks, and leaves no lock', async () => {
  const { a, b, c, check } = await application();
  const redlock = { status: 'up' };
  const ok = { status: 'ok', info: { redlock }, error: {}, details: { redlock } };
  expect(await check()).toEqual(ok);
  a.fail();
  expect(await check()).toEqual(ok);
  a.recover();
  expect(await new Redlock([a, b, c]).inspect('redlock:health')).toMatchObject({ state: 'free' });
});

test('the health check does not wait for a node that hangs while the others are a quorum', async () => {
  const { b, check } = await application({ nodeTimeout: 600_000 });
  b.delay(Infinity);
  expect(await check()).toMatchObject({ status: 'ok' });
  b.delay(0);
});

test('the health check fails without a quorum, and says which nodes fail and why', async () => {
  const { a, b, check } = await application();
  a.fail();
  b.delay(Infinity);
  expect(await rejectionOf(check())).toMatchObject(
    down('QUORUM_UNAVAILABLE', { a: 'ECONNREFUSED', b: 'TIMEOUT', c: 'up' }),
  );
});

test('the health check fails while too many nodes refuse writes', async () => {
  const { a, b, check } = await application();
  for (const node of [a, b]) node.fail(new Error('OOM command not allowed'));
  expect(await rejectionOf(check())).toMatchObject(
    down('QUORUM_UNAVAILABLE', { a: 'OOM', b: 'OOM' }),
  );
});

test('the health check fails while too many nodes are in quarantine', async () => {
  const { a, b, check } = await application();
  await check();
  for (const node of [a, b]) node.forget();
  expect(await rejectionOf(check())).toMatchObject(
    down('QUORUM_UNAVAILABLE', { a: 'QUARANTINED', b: 'QUARANTINED' }),
  );
});

test('the health check fails once the Redlock is closed', async () => {
  const { check, redlock } = await application();
  await redlock.close();
  expect(await rejectionOf(check())).toMatchObject(down('CLOSED', {}));
});

test('the health check asks the Redlock of the given name', async () => {
  const { a, b, check } = await application({ name: 'archive' });
  expect(await check()).toMatchObject({ status: 'ok' });
  for (const node of [a, b]) node.fail();
  expect(await rejectionOf(check())).toMatchObject({ response: { status: 'error' } });
});

test('the health checks of several instances do not contend with one another', async () => {
  const { a, b, c, check, redlock } = await application();
  let denials = 0;
  redlock.on('contended', () => denials++);
  await new Redlock([a, b, c]).acquire('redlock:health', 10_000, { mode: 'shared' });
  expect(await check()).toMatchObject({ status: 'ok' });
  expect(denials).toBe(0);
});

test('the health check is ok if its resource is locked', async () => {
  const { a, b, c, check } = await application();
  await new Redlock([a, b, c]).acquire('order:health', 10_000);
  expect(await check({ resource: 'order:health' })).toMatchObject({ status: 'ok' });
});

test('the health check locks the given resource', async () => {
  const { check, redlock } = await application();
  const resources: unknown[] = [];
  const tryAcquire = redlock.tryAcquire.bind(redlock);
  redlock.tryAcquire = (...args) => {
    resources.push(args[0]);
    return tryAcquire(...args);
  };
  await check();
  await check({ resource: 'order:health' });
  expect(resources).toEqual(['redlock:health', 'order:health']);
});
