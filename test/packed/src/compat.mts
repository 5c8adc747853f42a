import { Redis } from 'ioredis';
import RedlockV5, { type Lock as LockV5 } from 'redlock-compat';
import RedlockV4, { type Lock as LockV4 } from 'redlock-compat/v4';

const clients = [new Redis()];

export function acquire(): Promise<LockV5> {
  return new RedlockV5(clients).acquire(['a'], 1000, { retryCount: 0 });
}

export async function lock(): Promise<LockV4> {
  const held: LockV4 = await new RedlockV4(clients).lock('a', 1000);
  return held.extend(1000);
}
