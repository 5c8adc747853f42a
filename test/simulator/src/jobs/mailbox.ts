import type { LockMode } from '../core.js';
import type { Holding } from '../run/holding.js';
import type { Random } from 'test-kit/random';

/** A lock that somebody may take over. */
interface Letter {
  readonly holding: Holding;
  readonly resources: readonly string[];
  readonly token: string;
  readonly fencing: boolean;
  readonly mode: LockMode;
}

/** Locks whose holders have detached or crashed. */
export class Mailbox {
  readonly #letters: Letter[] = [];

  get isEmpty(): boolean {
    return this.#letters.length === 0;
  }

  put(holding: Holding): void {
    const { resources, token, fencingToken, mode } = holding.lock;
    this.#letters.push({ holding, resources, token, fencing: fencingToken > 0, mode });
  }

  take(random: Random): Letter | undefined {
    return this.#letters.splice(random.integer(0, this.#letters.length - 1), 1)[0];
  }
}
