// A program with the types of redlock 4, as DefinitelyTyped has them. It is compiled, and never run.
import { Redis } from 'ioredis';
import Redlock, { type Lock, type LockError, type Options } from 'redlock-compat/v4';

const options: Options = { driftFactor: 0.01, retryCount: 3, retryDelay: 100, retryJitter: 50 };

export async function bill(clients: Redis[], ids: string[]): Promise<number> {
  const redlock = new Redlock(clients, options);
  redlock.on('clientError', (error: Error) => console.error(error.message));
  const lock: Lock = await redlock.lock(ids, 5000);
  const other: Redlock.Lock = await redlock.acquireWithOptions('r', 5000, { retryCount: 0 });
  void redlock.lockWithOptions('s', 5000, options, (error, held) => {
    if (error) console.error((error as LockError).attempts);
    else void held?.unlock((failure) => console.error(failure));
  });
  await redlock.extend(other, 5000, (_error, extended) => console.log(extended?.expiration));
  await redlock.unlock(other);
  const extended = await lock.extend(5000);
  await redlock.release(extended);
  const results: unknown[] = await redlock.quit();
  const sum = redlock.driftFactor + redlock.retryCount + redlock.retryDelay + redlock.retryJitter;
  return sum + redlock.servers.length + results.length + lock.attempts + lock.attemptsRemaining;
}
