import type { QueueChange } from '../../server/witness.js';
import type { World } from '../../world/world.js';
import type { Oracle } from '../oracle.js';

/** Since when each process stands in the queues of the nodes. It judges nothing; other oracles ask it. */
export class QueueEntries implements Oracle {
  /** In true time, by node and member. */
  readonly #since = new Map<string, number>();

  constructor(private readonly world: World) {}

  queued({ server, before, after }: QueueChange): void {
    if (before === after) return;
    for (const member of after) {
      if (!before.includes(member)) this.#since.set(`${server.name} ${member}`, this.world.now);
    }
  }

  /** When a member last entered a queue of a node, in true time. */
  since(server: string, member: string): number {
    return this.#since.get(`${server} ${member}`) ?? 0;
  }
}
