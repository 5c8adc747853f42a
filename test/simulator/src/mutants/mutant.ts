/** One place in the core's source, and what a mutant puts there. */
export interface Change {
  /** Below the core's `src`. */
  readonly file: string;
  /** Is there exactly once. */
  readonly right: string;
  readonly wrong: string;
}

/** A deliberate mistake. */
export interface Mutant {
  readonly name: string;
  /** What is broken, for people. */
  readonly mistake: string;
  /** Several where one rule makes up for another. */
  readonly changes: readonly [Change, ...Change[]];
}
