import type { QueueChange } from '../server/witness.js';

/** Since when each process stands in the queues of the nodes. */
export class QueueEntries {
  /** In true time, by node and member. */
  readonly #since = new Map<string, number>();

  /** @param now in true time */
  note({ server, before, after }: QueueChange, now: number): void {
    if (before === after) return;
    for (const member of after) {
      if (!before.includes(member)) this.#since.set(`${server.name} ${member}`, now);
    }
  }

  /** When a member last entered a queue of a node, in true time. */
  since(server: string, member: string): number {
    return this.#since.get(`${server} ${member}`) ?? 0;
  }
}
