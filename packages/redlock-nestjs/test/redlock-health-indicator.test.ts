import 'reflect-metadata';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { getRedlockToken, RedlockHealthIndicator, RedlockModule } from 'redlock-nestjs';
import { rejectionOf } from 'test-kit/rejection';

/** An application with a health check, as its users write it, and the nodes of its Redlock. */
async function application(name?: string) {
  const nodes = ['a', 'b', 'c'].map((node) => memoryNode({ name: node }));
  const module = await Test.createTestingModule({
    imports: [
      TerminusModule.forRoot({ logger: false }),
      RedlockModule.forRoot({ name, nodes, nodeTimeout: 100 }),
    ],
  }).compile();
  const app = await module.init();
  const health = app.get(RedlockHealthIndicator);
  const check = () =>
    app.get(HealthCheckService).check([() => health.isHealthy('redlock', { redlock: name })]);
  return { app, nodes, check, redlock: app.get(getRedlockToken(name)) };
}

test('the health check is ok while all nodes answer', async () => {
  const { check } = await application();
  const redlock = { status: 'up', nodes: { a: 'up', b: 'up', c: 'up' } };
  expect(await check()).toEqual({
    status: 'ok',
    info: { redlock },
    error: {},
    details: { redlock },
  });
});

test('the health check is ok while a quorum answers, and names the node that does not', async () => {
  const { check, nodes } = await application();
  nodes[1]?.fail();
  expect(await check()).toMatchObject({
    status: 'ok',
    info: { redlock: { status: 'up', nodes: { a: 'up', b: 'ECONNREFUSED', c: 'up' } } },
  });
});

test('the health check fails without a quorum, and says which nodes fail and why', async () => {
  const { check, nodes } = await application();
  nodes[0]?.fail();
  nodes[1]?.delay(Infinity);
  expect(await rejectionOf(check())).toMatchObject({
    response: {
      status: 'error',
      error: {
        redlock: { status: 'down', nodes: { a: 'ECONNREFUSED', b: 'TIMEOUT', c: 'up' } },
      },
    },
  });
});

test('the health check fails once the Redlock is closed', async () => {
  const { check, redlock } = await application();
  await redlock.close();
  expect(await rejectionOf(check())).toMatchObject({
    response: { status: 'error', error: { redlock: { status: 'down', reason: 'CLOSED' } } },
  });
});

test('the health check asks the Redlock of the given name', async () => {
  const { check, nodes } = await application('archive');
  expect(await check()).toMatchObject({ status: 'ok' });
  for (const node of nodes) node.fail();
  expect(await rejectionOf(check())).toMatchObject({ response: { status: 'error' } });
});

test('the health check asks for the given resource, for users whose rights are narrow', async () => {
  const { app, redlock } = await application();
  const asked: string[] = [];
  const inspect = redlock.inspect.bind(redlock);
  redlock.inspect = (resource) => {
    asked.push(resource);
    return inspect(resource);
  };
  const health = app.get(RedlockHealthIndicator);
  await health.isHealthy('redlock');
  await health.isHealthy('redlock', { resource: 'order:health' });
  expect(asked).toEqual(['redlock:health', 'order:health']);
});
