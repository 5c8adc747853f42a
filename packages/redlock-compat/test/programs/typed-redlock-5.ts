// A program with the types of redlock 5. It compiles with theirs and with those of redlock-compat, and is never run.
import { Redis } from 'ioredis';
import Redlock, {
  type ClientExecutionResult,
  ExecutionError,
  type ExecutionResult,
  type ExecutionStats,
  Lock,
  type RedlockAbortSignal,
  ResourceLockedError,
  type Settings,
} from 'redlock-compat';

const settings: Partial<Settings> = { driftFactor: 0.01, retryCount: -1, retryDelay: 100 };

export class Invoices {
  readonly #redlock: Redlock;

  constructor(clients: readonly Redis[]) {
    this.#redlock = new Redlock(clients, settings);
    this.#redlock.on('error', (error: Error) => {
      if (!(error instanceof ResourceLockedError)) throw error;
    });
  }

  get threshold(): number {
    return this.#redlock.settings.automaticExtensionThreshold + this.#redlock.clients.size;
  }

  async bill(ids: string[]): Promise<number> {
    let lock: Lock = await this.#redlock.acquire(ids, 5000, { retryCount: 3 });
    try {
      lock = await lock.extend(5000);
      lock = await this.#redlock.extend(lock, 5000, settings);
      return lock.expiration - Date.now() + lock.resources.length + lock.value.length;
    } finally {
      const result: ExecutionResult = await lock.release();
      await this.#redlock.release(lock, settings);
      await this.#redlock.quit();
      await tell(result.attempts);
    }
  }

  send(id: string): Promise<string> {
    return this.#redlock.using([id], 5000, settings, (signal) => work(signal));
  }

  print(id: string): Promise<string> {
    return this.#redlock.using([id], 5000, async (signal: RedlockAbortSignal) => {
      if (signal.aborted) throw signal.error;
      return work(signal);
    });
  }

  rebuilt(id: string, value: string): Lock {
    return new Lock(this.#redlock, [id], value, [], Date.now() + 1000);
  }
}

async function work(signal: AbortSignal): Promise<string> {
  return String(signal.aborted);
}

async function tell(attempts: ReadonlyArray<Promise<ExecutionStats>>): Promise<string[]> {
  const stats = await Promise.all(attempts);
  return stats.flatMap(({ membershipSize, quorumSize, votesFor, votesAgainst }) => [
    `${votesFor.size} of ${membershipSize}, ${quorumSize} needed`,
    ...[...votesFor].map((client) => client.status),
    ...[...votesAgainst].map(([client, error]) => `${client.status}: ${error.message}`),
  ]);
}

export function reasonOf(result: ClientExecutionResult): string {
  return result.vote === 'for' ? String(result.value) : result.error.message;
}

export async function attemptsOf(error: unknown): Promise<string[]> {
  return error instanceof ExecutionError ? tell(error.attempts) : [];
}
