import { Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { currentLock, SingletonJob } from 'redlock-nestjs';

@Injectable()
export class ReportService {
  /** Each second, so that there is something to see: by one instance each time. */
  @Cron('* * * * * *')
  @SingletonJob(() => `report:${Math.round(Date.now() / 1000)}`, { ttl: 10_000, keepFor: 5000 })
  async make(): Promise<void> {
    console.log(`makes ${currentLock()?.resources.join()}`);
  }
}
