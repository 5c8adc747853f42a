import type { Redis } from 'ioredis';
import { pace } from './pace.js';
import type { RedisServer } from './redis-server.js';

const KEYS = 100;

/** One of the two masters. */
interface End {
  readonly id: string;
  readonly server: RedisServer;
  readonly probe: Redis;
}

/**
 * A slot on its way from one master to another. While it is open, both ends answer for the keys that
 * they have, and neither for several keys of which it has only some (`TRYAGAIN`).
 */
export class SlotMigration {
  readonly #slot: number;
  readonly #from: End;
  readonly #to: End;
  readonly #settled: (owner: string) => Promise<void>;

  private constructor(slot: number, from: End, to: End, settled: (owner: string) => Promise<void>) {
    this.#slot = slot;
    this.#from = from;
    this.#to = to;
    this.#settled = settled;
  }

  /** @param settled resolves when everybody knows the slot's owner */
  static async open(
    slot: number,
    from: End,
    to: End,
    settled: (owner: string) => Promise<void>,
  ): Promise<SlotMigration> {
    await to.probe.cluster('SETSLOT', slot, 'IMPORTING', from.id);
    await from.probe.cluster('SETSLOT', slot, 'MIGRATING', to.id);
    return new SlotMigration(slot, from, to, settled);
  }

  async moveKeys(): Promise<void> {
    const keys = await this.#from.probe.cluster('GETKEYSINSLOT', this.#slot, KEYS);
    if (keys.length === 0) return;
    await this.move(...keys);
    await this.moveKeys();
  }

  /** Some keys of the slot, which are then at the other end. */
  async move(...keys: readonly string[]): Promise<void> {
    const { host, port } = this.#to.server;
    await this.#from.probe.migrate(host, port, '', 0, pace.limit, 'KEYS', ...keys);
  }

  /** Moves what is left and hands the slot over; resolves when everybody knows. */
  async finish(): Promise<void> {
    await this.moveKeys();
    // The new owner first: otherwise the slot would for a moment belong to nobody.
    for (const { probe } of [this.#to, this.#from]) {
      await probe.cluster('SETSLOT', this.#slot, 'NODE', this.#to.id);
    }
    await this.#settled(this.#to.id);
  }
}
