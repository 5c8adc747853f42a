import type { Client, ClientTerms } from './client.js';
import type { Lock, Redlock } from './core.js';
import { Wire } from './wire.js';

export const RESOURCE = 'invoice:42';

/** The interval of a holder's writes, and the time between its check of the lock and the write; in ms. */
const WRITE_INTERVAL = 600;
const PREPARATION = 150;

/** What a client is doing. `writing`: it has found its lock valid, and prepares a write. */
export type Phase = 'idle' | 'resting' | 'asking' | 'waiting' | 'holding' | 'writing' | 'releasing';

/** What a client does, over and over: takes the lock, writes to the storage, gives the lock back, rests. */
export class Job {
  phase: Phase = 'idle';
  readonly #client: Client;
  readonly #redlock: Redlock;
  readonly #terms: ClientTerms;
  readonly #wires: Readonly<Record<'up' | 'down', Wire>>;

  constructor(client: Client, redlock: Redlock, terms: ClientTerms) {
    this.#client = client;
    this.#redlock = redlock;
    this.#terms = terms;
    const { world, traffic } = terms;
    const path = terms.path(client.name, 'storage');
    const wire = (direction: 'up' | 'down'): Wire =>
      new Wire({ world, path, traffic, direction, isLossy: () => false });
    this.#wires = { up: wire('up'), down: wire('down') };
  }

  /** Ends only if the client never wants the lock; rejects when its process is killed, whose Redlock is closed then. */
  async run(): Promise<void> {
    const { settings, world } = this.#terms;
    const { process, name } = this.#client;
    const start = settings.starts[name];
    if (start === undefined) return;
    this.phase = 'resting';
    await process.sleep(Math.max(0, start - world.now));
    for (;;) {
      await this.#takeTurn();
      this.phase = 'resting';
      await process.sleep(settings.rest);
    }
  }

  /** An attempt was denied. */
  denied(): void {
    if (this.phase === 'asking') this.phase = 'waiting';
  }

  async #takeTurn(): Promise<void> {
    const { ttl, autoExtend } = this.#terms.settings;
    this.phase = 'asking';
    const lock = await this.#redlock.acquire(RESOURCE, ttl, { autoExtend });
    await this.#work(lock);
    this.phase = 'releasing';
    this.#client.letGo();
    await lock.release();
  }

  async #work(lock: Lock): Promise<void> {
    const { process } = this.#client;
    const end = process.now() + this.#terms.settings.hold;
    while (process.now() < end) {
      this.phase = 'holding';
      await process.sleep(WRITE_INTERVAL - PREPARATION);
      if (lock.signal.aborted) return;
      // From here on the writer trusts its check, as programs do that do not know of pauses.
      this.phase = 'writing';
      await process.sleep(PREPARATION);
      this.#write(lock.fencingToken);
    }
  }

  #write(fencingToken: number): void {
    const { storage, journal } = this.#terms;
    const { name } = this.#client;
    this.#wires.up.send('write', () => {
      const { highest } = storage;
      const accepted = storage.write(name, fencingToken);
      journal.wrote({ client: name, fencingToken, accepted }, highest);
      this.#wires.down.send(accepted ? 'accepted' : 'refused', () => {});
    });
  }
}
