import { Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import { ioredisNodeFromUrl } from 'redlock-ioredis-adapter';
import { RedlockExceptionFilter, RedlockModule } from 'redlock-nestjs';
import { OrdersController } from './orders.controller.js';
import { ReportService } from './report.service.js';

const DOCKER = [7001, 7002, 7003, 7004, 7005].map((port) => `redis://127.0.0.1:${port}`).join();
/** The URLs of the nodes: those in REDLOCK_NODES, separated by commas, or those of the five nodes of `docker/`. */
const urls = (process.env['REDLOCK_NODES'] || DOCKER).split(',');
/** In ms, of each node: for machines slower than the default is meant for. */
const timeout = Number(process.env['REDIS_TIMEOUT']) || undefined;

@Module({
  imports: [
    ScheduleModule.forRoot(),
    RedlockModule.forRoot({
      nodes: urls.map((url) => ioredisNodeFromUrl(url, { timeout })),
      owner: `shop-${process.pid}`,
    }),
  ],
  controllers: [OrdersController],
  providers: [ReportService, { provide: APP_FILTER, useClass: RedlockExceptionFilter }],
})
export class ShopModule {}
