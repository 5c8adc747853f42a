import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, test } from '@jest/globals';
import { memoryNode } from 'redlock-core/memory';
import { Redlock } from 'redlock-core';
import {
  getRedlockToken,
  InjectRedlock,
  Locked,
  RedlockModule,
  SingletonJob,
  type RedlockModuleAsyncOptions,
  type RedlockModuleOptions,
  type RedlockOptionsFactory,
} from 'redlock-nestjs';
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

@Injectable()
class Options implements RedlockOptionsFactory {
  createRedlockOptions(): RedlockModuleOptions {
    return { nodes: nodes(), owner: 'from a class' };
  }
}

@Module({ providers: [Options], exports: [Options] })
class OptionsModule {}

test.each<[string, RedlockModuleAsyncOptions]>([
  ['useClass', { useClass: Options }],
  ['useExisting', { imports: [OptionsModule], useExisting: Options }],
])('forRootAsync makes it from the class in %s', async (_option, options) => {
  const app = await Test.createTestingModule({
    imports: [RedlockModule.forRootAsync(options)],
    providers: [Billing],
  }).compile();
  const { redlock } = app.get(Billing);
  await redlock.acquire('r', 10_000);
  const { holders } = await redlock.inspect('r');
  expect(holders).toMatchObject([{ owner: 'from a class' }]);
});

test('a module that is not global provides its Redlock only where it is imported', async () => {
  @Module({ providers: [Billing] })
  class BillingModule {}

  const redlockModule = RedlockModule.forRoot({ nodes: nodes(), isGlobal: false });
  const elsewhere = Test.createTestingModule({ imports: [redlockModule, BillingModule] });
  expect(String(await rejectionOf(elsewhere.compile()))).toContain('Billing');
  const here = Test.createTestingModule({ imports: [redlockModule], providers: [Billing] });
  expect((await here.compile()).get(Billing).redlock).toBeInstanceOf(Redlock);
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

test('two modules without a name are an error, because one Redlock would silently replace the other', async () => {
  const module = Test.createTestingModule({
    imports: [
      RedlockModule.forRoot({ nodes: nodes() }),
      RedlockModule.forRootAsync({ useFactory: () => ({ nodes: nodes() }) }),
    ],
  });
  expect(String(await rejectionOf(module.compile()))).toContain('name');
});

test('a module that is imported twice is one', async () => {
  const once = RedlockModule.forRoot({ nodes: nodes() });
  const app = await Test.createTestingModule({ imports: [once, once] }).compile();
  expect(app.get(Redlock)).toBeInstanceOf(Redlock);
});

test('modules with names provide a Redlock each, for injection and for decorators', async () => {
  @Injectable()
  class Transfer {
    constructor(
      readonly redlock: Redlock,
      @InjectRedlock('archive') readonly archive: Redlock,
    ) {}

    @Locked('r', { ttl: 10_000, redlock: 'archive' })
    async inArchive(): Promise<string[]> {
      return await this.holders();
    }

    @Locked('r', { ttl: 10_000 })
    async here(): Promise<string[]> {
      return await this.holders();
    }

    @SingletonJob('r', { ttl: 10_000, keepFor: 1, redlock: 'archive' })
    async job(): Promise<string[] | undefined> {
      return await this.holders();
    }

    async holders(): Promise<string[]> {
      const both = await Promise.all([this.redlock, this.archive].map((one) => one.inspect('r')));
      return both.map(({ state }) => state);
    }
  }
  const module = await Test.createTestingModule({
    imports: [
      RedlockModule.forRoot({ nodes: nodes() }),
      RedlockModule.forRoot({ name: 'archive', nodes: nodes() }),
    ],
    providers: [Transfer],
  }).compile();
  const app = await module.init();
  const transfer = app.get(Transfer);
  expect(transfer.archive).toBe(app.get(getRedlockToken('archive')));
  expect(transfer.redlock).toBe(app.get(getRedlockToken()));
  expect(await transfer.here()).toEqual(['exclusive', 'free']);
  expect(await transfer.inArchive()).toEqual(['free', 'exclusive']);
  expect(await transfer.job()).toEqual(['free', 'exclusive']);
  await app.close();
  expect(await rejectionOf(transfer.archive.acquire('r', 10_000))).toMatchObject({
    code: 'CLOSED',
  });
});
