import type { ClientName } from './names.js';

/** One write, as the storage has judged it. */
export interface Write {
  readonly client: ClientName;
  readonly fencingToken: number;
  readonly accepted: boolean;
}

/** What the lock guards: it refuses a write whose fencing token is lower than one that it has seen. */
export class Storage {
  highest = 0;
  readonly writes: Write[] = [];

  /** @returns whether the write is accepted */
  write(client: ClientName, fencingToken: number): boolean {
    const accepted = fencingToken >= this.highest;
    if (accepted) this.highest = fencingToken;
    this.writes.push({ client, fencingToken, accepted });
    return accepted;
  }
}
