/** What a worker tells while it works. Plain data: it may come from another process. */
export type WorkerReport =
  /** It wants to go in; with the lock, it waits for it. */
  | { readonly kind: 'waiting' }
  /** It is in the critical section, `wait` ms after it wanted to. */
  | { readonly kind: 'inside'; readonly wait: number }
  /** There it met another worker, which must never happen under a lock. */
  | { readonly kind: 'overlap'; readonly other: string }
  /** It has written. */
  | { readonly kind: 'updated' }
  /** It did not get the lock, or lost it, and tries again. */
  | { readonly kind: 'setback'; readonly code: string };
