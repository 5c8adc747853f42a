/**
 * How a lock is held, as in the Web Locks API. `exclusive`: by one holder alone. `shared`: by any number of holders, and
 * by no exclusive one meanwhile.
 */
export type LockMode = 'exclusive' | 'shared';
