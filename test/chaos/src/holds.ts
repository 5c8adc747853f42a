import type { Lock, Redlock } from 'redlock-core';
import { machineNow } from 'test-kit/machine-clock';
import type { Belief } from './message.js';
import type { Parent } from './parent.js';

/** The locks that a client holds, and what its parent is told of them. */
export class Holds {
  readonly #parent: Parent;
  readonly #numbers = new Map<Lock, number>();
  #count = 0;

  constructor(redlock: Redlock, parent: Parent) {
    this.#parent = parent;
    redlock.on('extended', ({ lock }) => {
      const hold = this.#numbers.get(lock);
      if (hold !== undefined) parent.tell({ kind: 'extended', hold, ...beliefIn(lock) });
    });
    redlock.on('lost', ({ lock }) => {
      const hold = this.#numbers.get(lock);
      if (hold !== undefined) parent.tell({ kind: 'ended', hold, at: machineNow(), lost: true });
    });
  }

  /** @returns its number */
  begin(lock: Lock): number {
    const hold = ++this.#count;
    this.#numbers.set(lock, hold);
    const { mode, fencingToken: token } = lock;
    this.#parent.tell({ kind: 'granted', hold, mode, token, ...beliefIn(lock) });
    return hold;
  }

  /** Told before anything is sent to a node, so that a successor's grant is told of later. */
  async end(lock: Lock): Promise<void> {
    const hold = this.#numbers.get(lock);
    if (hold === undefined) return;
    await this.#parent.told({ kind: 'ended', hold, at: machineNow(), lost: false });
    this.#numbers.delete(lock);
  }
}

/** The clock is read first: a pause between the two makes the belief shorter, never longer. */
export function beliefIn(lock: Lock): Belief {
  const at = machineNow();
  return { at, until: at + lock.remaining() };
}
