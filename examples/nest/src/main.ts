/**
 * A shop of several instances behind a load balancer. An order is paid once, however often its button is clicked and
 * whichever instances the clicks reach; a report that each instance has in its schedule is made once.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ShopModule } from './shop.module.js';

const app = await NestFactory.create(ShopModule, { logger: ['error'] });
// On SIGTERM, requests under way are answered, and then the Redlock is closed.
app.enableShutdownHooks();
await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
console.log(`listens at ${await app.getUrl()}`);
