/** Chance that a seed repeats (the generator mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least `low`, below `high`. */
  between(low: number, high: number): number {
    return low + this.#roll() * (high - low);
  }

  /** True in so many of 1 cases. */
  chance(share: number): boolean {
    return this.#roll() < share;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[Math.floor(this.#roll() * items.length)] ?? items[0];
  }

  shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, place: this.#roll() }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ item }) => item);
  }

  #roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }
}
