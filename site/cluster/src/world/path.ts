import type { Random } from 'test-kit/random';
import type { ClientName, NodeName } from './names.js';

/** The two directions of a path. */
export type Direction = 'up' | 'down';

/** The way between one client and a node or the storage, in both directions, whatever connections use it. */
export class Path {
  isCut = false;
  readonly #random: Random;
  readonly #delay: number;
  readonly #reopened = new Set<() => void>();

  /** @param delay from one end to the other, typically, in ms */
  constructor(
    readonly client: ClientName,
    readonly end: NodeName | 'storage',
    random: Random,
    delay: number,
  ) {
    this.#random = random;
    this.#delay = delay;
  }

  delay(): number {
    return this.#delay * this.#random.between(0.85, 1.15);
  }

  /** @param isCut whether nothing gets through, for whatever reason */
  set(isCut: boolean): void {
    const wasCut = this.isCut;
    this.isCut = isCut;
    if (wasCut && !isCut) for (const listener of this.#reopened) listener();
  }

  onReopened(listener: () => void): () => void {
    this.#reopened.add(listener);
    return () => void this.#reopened.delete(listener);
  }
}
