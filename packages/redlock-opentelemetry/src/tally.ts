import type { UpDownCounter } from '@opentelemetry/api';
import { groupAttributes } from './group.js';

/** Counts by group what begins and ends, on an up-down counter. */
export class Tally {
  readonly #counter: UpDownCounter;
  readonly #counts = new Map<string | undefined, number>();

  constructor(counter: UpDownCounter) {
    this.#counter = counter;
  }

  begin(group: string | undefined): void {
    this.#add(group, 1);
  }

  /** Never goes below 0: what ends may have begun before counting started. */
  end(group: string | undefined): void {
    if ((this.#counts.get(group) ?? 0) > 0) this.#add(group, -1);
  }

  /** Subtracts what has not ended, because its end will not be counted. */
  clear(): void {
    for (const [group, count] of this.#counts) if (count > 0) this.#add(group, -count);
  }

  #add(group: string | undefined, count: number): void {
    this.#counts.set(group, (this.#counts.get(group) ?? 0) + count);
    this.#counter.add(count, groupAttributes(group));
  }
}
