import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Param, Post } from '@nestjs/common';
import { currentLock, Locked } from 'redlock-nestjs';

/** How long the bank takes, in ms. */
const BANK = Number(process.env['BANK_MS'] ?? 200);

@Controller('orders')
export class OrdersController {
  /** A second click while the first is under way is answered with 409. */
  @Post(':id/payment')
  @Locked((id: string) => `order:${id}`, { ttl: 10_000, wait: 0 })
  async pay(@Param('id') id: string): Promise<object> {
    console.log(`order ${id} is being paid`);
    await sleep(BANK);
    return { paid: id, fencingToken: currentLock()?.fencingToken };
  }
}
