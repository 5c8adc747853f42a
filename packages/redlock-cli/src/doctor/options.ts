import type { RedlockOptions } from 'redlock-core';

/**
 * What the nodes are to be used for, and how long the diagnosis may take. Options that a Redlock has too are those of the
 * Redlock, with its defaults.
 */
export interface DiagnoseOptions extends Pick<
  RedlockOptions,
  'keyPrefix' | 'nodeTimeout' | 'fencing' | 'quarantine' | 'quarantineTime'
> {
  /** The ttl of the locks in ms; the shortest if there are several. Default 10,000. */
  ttl?: number | undefined;
  /** How long to wait for a connection, and then for each reply, in ms. Default 5000. */
  timeout?: number | undefined;
}
