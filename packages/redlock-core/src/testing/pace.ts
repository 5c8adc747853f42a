/**
 * The pace of all cases, in ms. A busy machine lets a case, and the server it runs on, stand still for most of a second,
 * again and again: that must look like no fault of the adapter.
 */
export const pace = {
  /** A node timeout that never fires while the server is there. */
  patient: 10_000,
  /** A node timeout that a case waits for, because the server is away, or whose votes it does not need. */
  hasty: 100,
  /** When to give up waiting for something that is sure to happen. */
  limit: 30_000,
} as const;
