import 'reflect-metadata';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import {
  currentLock,
  Locked,
  RedlockHealthIndicator,
  RedlockModule,
  SingletonJob,
} from 'redlock-nestjs';
import { RedlockTestingModule } from 'redlock-nestjs/testing';

@Injectable()
class Billing {
  constructor(@Inject(Redlock) readonly redlock: Redlock) {}

  @Locked((id: number) => `invoice:${id}`, { ttl: 10_000 })
  async bill(id: number): Promise<string> {
    return `${id} under ${currentLock()?.resources.join()}`;
  }

  @SingletonJob('job', { ttl: 10_000, keepFor: 10_000 })
  async job(): Promise<string> {
    return 'done';
  }
}

const node = memoryNode({ name: 'memory' });

@Module({
  imports: [
    TerminusModule.forRoot({ logger: false }),
    RedlockModule.forRoot({ nodes: [node] }),
    RedlockTestingModule.forRoot({ name: 'other' }),
  ],
  providers: [Billing],
})
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
const billing = app.get(Billing);
console.log(await billing.bill(7), await billing.job(), await billing.job());
const health = app.get(HealthCheckService);
const redlock = app.get(RedlockHealthIndicator);
const check = async (name?: string) =>
  (await health.check([() => redlock.isHealthy('redlock', { redlock: name })])).status;
console.log(await check(), await check('other'));
node.fail();
await check().catch((error) => console.log(JSON.stringify(error.getResponse().error)));
node.recover();
await app.close();
await billing.redlock.acquire('r', 10_000).catch(({ code }) => console.log(code));
