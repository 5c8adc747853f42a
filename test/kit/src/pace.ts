/**
 * The pace of tests on real servers; all times in ms. A busy host lets a test, and the servers it talks to, stand
 * still for most of a second, again and again. Whatever a test is not about must outlast that.
 */
export const pace = {
  /** A node timeout that never fires. For nodes that will answer. */
  patient: 10_000,
  /** A node timeout longer than a stall. For a test that waits for silent nodes and counts the votes of others. */
  brief: 1500,
  /** A node timeout that a stall may exceed. For nodes whose votes are not needed. */
  hasty: 200,
  /** A ttl that a test waits for. Two thirds of it are left for a stall when the lock is extended. */
  ttl: 2400,
  /** Bounds what an event causes. Whatever may cause it instead, such as a poll, must come later. */
  prompt: 20_000,
  /** When to give up waiting for something that is sure to happen. */
  limit: 60_000,
} as const;
