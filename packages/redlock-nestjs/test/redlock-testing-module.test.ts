import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, test } from '@jest/globals';
import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { currentLock, getRedlockToken, Locked, RedlockModule } from 'redlock-nestjs';
import { RedlockTestingModule } from 'redlock-nestjs/testing';
import { rejectionOf } from 'test-kit/rejection';

@Injectable()
class Orders {
  constructor(readonly redlock: Redlock) {}

  @Locked('order:7', { ttl: 10_000, wait: 0 })
  async ship(): Promise<string> {
    return `under ${currentLock()?.resources.join()}`;
  }
}

async function orders(): Promise<Orders> {
  const imports = [RedlockTestingModule.forRoot()];
  const module = await Test.createTestingModule({ imports, providers: [Orders] }).compile();
  return module.get(Orders);
}

test('a testing module runs methods under locks without a server', async () => {
  const one = await orders();
  expect(await one.ship()).toBe('under order:7');
  await one.redlock.acquire('order:7', 10_000);
  expect(await rejectionOf(one.ship())).toMatchObject({ code: 'RESOURCE_LOCKED' });
});

test('the locks of one testing module are not those of another', async () => {
  const [one, other] = await Promise.all([orders(), orders()]);
  await one.redlock.acquire('order:7', 10_000);
  expect(await other.ship()).toBe('under order:7');
});

test('a testing module takes the options of a RedlockModule', async () => {
  const imports = [RedlockTestingModule.forRoot({ name: 'archive', owner: 'test' })];
  const module = await Test.createTestingModule({ imports }).compile();
  const redlock = module.get<Redlock>(getRedlockToken('archive'));
  await redlock.acquire('r', 10_000);
  expect(await redlock.inspect('r')).toMatchObject({ holders: [{ owner: 'test' }] });
});

test('a whole application runs on memory nodes if its provider is replaced', async () => {
  const server = memoryNode();
  server.fail();

  @Module({
    imports: [RedlockModule.forRoot({ nodes: [server] })],
    providers: [Orders],
  })
  class AppModule {}

  const module = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(Redlock)
    .useValue(new Redlock([memoryNode()]))
    .compile();
  const app = await module.init();
  expect(await app.get(Orders).ship()).toBe('under order:7');
  await app.close();
});
