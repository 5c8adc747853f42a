/** How a lock is held: `exclusive` by one holder alone, or `shared` by many at once. */
export type LockMode = 'exclusive' | 'shared';
