import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { Redlock } from 'redlock-core';
import { RedlockModule } from 'redlock-nestjs';
import { rejectionOf } from 'test-kit/rejection';

const nodes = () => ['a', 'b', 'c'].map((name) => memoryNode({ name }));

@Injectable()
class Billing {
  constructor(readonly redlock: Redlock) {}
}

@Injectable()
class Config {
  readonly owner = 'from the configuration';
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

test('gives a Redlock to every provider that asks for it by its type', async () => {
  const app = await Test.createTestingModule({
    imports: [RedlockModule.forRoot({ nodes: nodes() })],
    providers: [Billing],
  }).compile();
  const { redlock } = app.get(Billing);
  expect(redlock).toBeInstanceOf(Redlock);
  expect(redlock).toBe(app.get(Redlock));
});

test('makes it from what other providers know', async () => {
  const app = await Test.createTestingModule({
    imports: [
      RedlockModule.forRootAsync({
        imports: [ConfigModule],
        inject: [Config],
        useFactory: async ({ owner }: Config) => ({ nodes: nodes(), owner }),
      }),
    ],
    providers: [Billing],
  }).compile();
  const { redlock } = app.get(Billing);
  await redlock.acquire('r', 10_000);
  const { holders } = await redlock.inspect('r');
  expect(holders).toMatchObject([{ owner: 'from the configuration' }]);
});

test('an application with bad options does not start', async () => {
  const starting = Test.createTestingModule({ imports: [RedlockModule.forRoot({ nodes: [] })] });
  expect(await rejectionOf(starting.compile())).toBeInstanceOf(RangeError);
});

test('closes the Redlock when the application shuts down', async () => {
  const module = await Test.createTestingModule({
    imports: [RedlockModule.forRoot({ nodes: nodes() })],
  }).compile();
  const app = await module.init();
  const redlock = app.get(Redlock);
  await app.close();
  expect(await rejectionOf(redlock.acquire('r', 10_000))).toMatchObject({ code: 'CLOSED' });
});

test('an application whose Redlock is replaced by a test double closes', async () => {
  const module = await Test.createTestingModule({
    imports: [RedlockModule.forRoot({ nodes: nodes() })],
  })
    .overrideProvider(Redlock)
    .useValue({ using: async () => {} })
    .compile();
  const app = await module.init();
  await app.close();
  expect(app.get(Redlock)).not.toBeInstanceOf(Redlock);
});
