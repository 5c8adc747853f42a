import 'reflect-metadata';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redlock } from 'redlock-core';
import { memoryNode } from 'redlock-core/memory';
import { currentLock, Locked, SingletonJob, RedlockModule } from 'redlock-nestjs';

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

@Module({
  imports: [RedlockModule.forRoot({ nodes: [memoryNode({ name: 'memory' })] })],
  providers: [Billing],
})
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
const billing = app.get(Billing);
console.log(await billing.bill(7), await billing.job(), await billing.job());
await app.close();
await billing.redlock.acquire('r', 10_000).catch(({ code }) => console.log(code));
