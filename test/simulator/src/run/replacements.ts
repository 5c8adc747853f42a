/** Which tokens have replaced which on nodes, by an adoption or by a release that leaves the key to another token. */
export class Replacements {
  /** Of a token that has replaced another: the other. */
  readonly #origins = new Map<string, string>();
  readonly #replaced = new Set<string>();
  /** What was put back, by node and token. */
  readonly #restored = new Set<string>();

  note(server: string, before: string, after: string): void {
    if (this.#origins.get(before) === after) this.#restored.add(`${server} ${after}`);
    else {
      this.#origins.set(after, before);
      this.#replaced.add(before);
    }
  }

  /** The token that this one has replaced on some node. */
  originOf(token: string): string | undefined {
    return this.#origins.get(token);
  }

  /** Some adoption has taken hold of it on some node, whatever came of that. */
  isAdopted(token: string): boolean {
    return this.#replaced.has(token);
  }

  /** A failed adoption has put it back, when its holder had gone maybe. */
  isRestored(server: string, token: string): boolean {
    return this.#restored.has(`${server} ${token}`);
  }
}
