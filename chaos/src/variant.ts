import type { RedlockOptions } from 'redlock-core';

/** How long nodes keep the lock, in ms: pauses are longer, and it must pass before others go on. */
export const TTL = 1000;
export const NODES = 5;
export const CLIENTS = 8;
export const QUORUM = Math.floor(NODES / 2) + 1;

/** What the nodes do with their data when they are killed, and what the clients do about it. */
export interface Variant {
  readonly name: string;
  readonly forgets: boolean;
  readonly options: Pick<RedlockOptions, 'quarantine' | 'quarantineTime'>;
}

/**
 * Nodes that fsync every write come back with every grant they ever confirmed, so there is nothing to
 * distrust; quarantine would only hide mistakes of everything else.
 */
export const KEEP: Variant = {
  name: 'nodes keep their data',
  forgets: false,
  options: { quarantine: false },
};

/**
 * Strict, because crashed clients come back as new processes, which have not seen the node before it
 * forgot. The time covers the ttl, and the 2 s that the floor of the fencing counter asks for.
 */
export const FORGET: Variant = {
  name: 'nodes lose their data',
  forgets: true,
  options: { quarantine: 'strict', quarantineTime: 3000 },
};

/** What quarantine is for: this is expected to go wrong. */
export const UNPROTECTED: Variant = {
  name: 'nodes lose their data, and are trusted all the same',
  forgets: true,
  options: { quarantine: false },
};

/** How long a node that lost its data does not count, in ms. */
export function distrustOf({ options }: Variant): number {
  return options.quarantineTime ?? 0;
}
