/** A promise that did not hold. */
export interface Violation {
  readonly oracle: string;
  readonly time: number;
  readonly what: string;
}
