/** What came of the cases of one cell. */
export interface Result {
  passed: number;
  /** Why. */
  readonly skipped: string[];
  /** By name. */
  readonly failed: string[];
}
