import { complain } from './harmless.js';

export type ResourcesOption = boolean | ((resource: string) => unknown);

/** The names of resources, as spans may show them. */
export class ResourceNames {
  readonly #option: ResourcesOption;
  #hasComplained = false;

  constructor(option: ResourcesOption) {
    this.#option = option;
  }

  /** Whether messages of errors may be shown, which contain the names. */
  get areShown(): boolean {
    return this.#option === true;
  }

  /** undefined: the span has none. */
  of(resources: readonly string[]): string[] | undefined {
    if (this.#option === true) return [...resources];
    if (this.#option === false) return undefined;
    try {
      const names = resources.map(this.#option);
      if (names.every((name) => typeof name === 'string')) return names;
      this.#complain('the resources function must return a string');
    } catch (error) {
      this.#complain('the resources function failed; spans have no redlock.resources then', error);
    }
    return undefined;
  }

  /** Once: each call of a lock would complain of the same thing. */
  #complain(what: string, error?: unknown): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    complain(what, error);
  }
}
