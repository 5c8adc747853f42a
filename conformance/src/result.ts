/** What came of the cases of one cell, by name. */
export interface Result {
  passed: number;
  readonly skipped: string[];
  readonly failed: string[];
}
