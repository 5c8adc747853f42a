import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { Deployment, rejectionOf } from 'test-kit';
import Redlock, { type Client } from '../src/index.js';
import RedlockV4 from '../src/v4.js';
import { TTL } from './support/redlocks.js';

const PASSWORD = 'something-secret';

/** As a program prints it, and as Node prints it when nobody has caught it. */
function printed(value: unknown): string {
  return [true, false]
    .map((customInspect) => inspect(value, { depth: 12, customInspect }))
    .join('\n');
}

test('no error, lock or statistics shows the password of a client', async () => {
  const config = { requirepass: PASSWORD };
  await using deployment = await Deployment.start(1, { config, password: PASSWORD });
  const client = deployment.client(6, 0, { password: PASSWORD }) as Client;
  const redlock = new Redlock([client], { retryCount: 0 });
  const lock = await redlock.acquire(['r'], TTL);
  const error = (await rejectionOf(redlock.acquire(['r'], TTL))) as { attempts: Promise<object>[] };
  const stats = await Promise.all(error.attempts);
  const v4 = new RedlockV4([client], { retryCount: 0 });
  const lockV4 = await v4.lock('s', TTL);
  const errorV4 = await rejectionOf(v4.lock('r', TTL));
  for (const value of [redlock, lock, error, v4, lockV4, errorV4]) {
    expect(printed(value)).not.toContain(PASSWORD);
  }
  expect(inspect(stats, { depth: 12 })).not.toContain(PASSWORD);
  expect(inspect(stats)).toContain('ResourceLockedError');
  await redlock.quit();
});
