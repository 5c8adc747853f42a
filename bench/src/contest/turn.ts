/** One wish for the lock, in ms on the machine's clock. */
export interface Turn {
  readonly wanted: number;
  /** Null: still waiting when the time was over. */
  granted: number | null;
  /** When the release was called. Null: still held when the time was over. */
  released: number | null;
}
