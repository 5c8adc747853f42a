/**
 * The times of all cases, in ms. On a busy machine, a case and its server stop for most of a second, again and
 * again. That must not look like a fault of the adapter.
 */
export const pace = {
  /** A node timeout that never fires while the server is there. */
  patient: 10_000,
  /** A node timeout that a case waits for, because the server is away or because the case does not need its votes. */
  hasty: 100,
  /** How long to wait for something that is sure to happen. */
  limit: 30_000,
} as const;
