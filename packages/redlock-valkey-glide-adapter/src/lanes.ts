import pLimit from 'p-limit';

/** The most commands in flight. GLIDE keeps the order of this many; with 50 in flight, some overtake others. */
const IN_ORDER = 32;

/** Commands that are written in order, a few at a time. */
class Lane {
  readonly #limit = pLimit({ concurrency: IN_ORDER, rejectOnClear: true });
  #cause: unknown;

  get isIdle(): boolean {
    return this.#limit.activeCount + this.#limit.pendingCount === 0;
  }

  async run<T>(send: () => Promise<T>): Promise<T> {
    let isSent = false;
    try {
      return await this.#limit(() => {
        isSent = true;
        return send();
      });
    } catch (error) {
      throw isSent ? error : this.#cause;
    }
  }

  /** Rejects what is not sent yet: it must not be written later. */
  drop(cause: unknown): void {
    this.#cause = cause;
    this.#limit.clearQueue();
  }
}

/**
 * A lane for each server, so that one that hangs does not hold up commands for the others. Until it is known which server
 * has a slot, the slot has a lane.
 */
export class Lanes {
  readonly #servers = new Map<number, string>();
  readonly #lanes = new Map<string | number, Lane>();

  /** @param slot 0 unless the client is one of a Cluster */
  of(slot: number): Lane {
    const own = this.#lanes.get(slot);
    const server = this.#servers.get(slot);
    // A command must not overtake earlier ones for the same slot.
    if (server === undefined || (own && !own.isIdle)) return this.#lane(slot);
    this.#lanes.delete(slot);
    return this.#lane(server);
  }

  /** A server has answered a command for a slot. */
  answered(slot: number, server: string): void {
    this.#servers.set(slot, server);
  }

  /** A command was not answered. Another server may have the slot by now. */
  failed(slot: number): void {
    this.#servers.delete(slot);
  }

  #lane(key: string | number): Lane {
    const lane = this.#lanes.get(key) ?? new Lane();
    this.#lanes.set(key, lane);
    return lane;
  }
}
