/** For how long the votes of a round are waited for. It ends with the nodes' timeouts, or earlier if somebody ends it. */
export class Patience {
  #onEnd: (() => void) | null = null;

  /** @param act decides the round without the votes that are still out */
  beforeEnd(act: () => void): void {
    this.#onEnd = act;
  }

  end(): void {
    this.#onEnd?.();
    this.#onEnd = null;
  }
}
