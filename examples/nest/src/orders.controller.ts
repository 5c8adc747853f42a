import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Param, Post, UseFilters } from '@nestjs/common';
import { currentLock, Locked } from 'redlock-nestjs';
import { BusyFilter } from './busy.filter.js';

/** How long the bank takes, in ms. */
const BANK = Number(process.env['BANK_MS'] ?? 200);

@Controller('orders')
@UseFilters(BusyFilter)
export class OrdersController {
  /** A second click while the first is under way is refused. */
  @Post(':id/payment')
  @Locked((id: string) => `order:${id}`, { ttl: 10_000, wait: 0 })
  async pay(@Param('id') id: string): Promise<object> {
    console.log(`order ${id} is being paid`);
    await sleep(BANK);
    return { paid: id, fencingToken: currentLock()?.fencingToken };
  }
}
