import type { RedlockOptions } from 'redlock-core';
import type { NodeFault } from './fault.js';

/** How long nodes keep the lock, in ms: pauses are longer, and it must pass before others go on. */
export const TTL = 1000;
export const NODES = 5;
export const CLIENTS = 8;
export const QUORUM = Math.floor(NODES / 2) + 1;

/** What the nodes do with their data when they are killed, and what the clients do about it. */
export interface Variant {
  readonly name: string;
  readonly forgets: boolean;
  /** Clients are killed too, and other processes come in their place. */
  readonly crashes: boolean;
  readonly options: Pick<RedlockOptions, 'quarantine' | 'quarantineTime'>;
}

/**
 * Nodes that fsync every write come back with every grant they ever confirmed, so there is nothing to
 * distrust; quarantine would only hide mistakes of everything else.
 */
export const KEEP: Variant = {
  name: 'nodes keep their data',
  forgets: false,
  crashes: true,
  options: { quarantine: false },
};

/**
 * Strict, because crashed clients come back as new processes, which have not seen the node before it
 * forgot. The time covers the ttl, and the 2 s that the floor of the fencing counter asks for.
 */
export const FORGET: Variant = {
  name: 'nodes lose their data',
  forgets: true,
  crashes: true,
  options: { quarantine: 'strict', quarantineTime: 3000 },
};

/**
 * Quarantine as it is by default. It protects from what a process has seen of a node, so clients are paused only: one
 * that comes in the place of another has seen nothing.
 */
export const DEFAULT: Variant = {
  name: 'nodes lose their data, quarantine as by default',
  forgets: true,
  crashes: false,
  options: {},
};

/** What quarantine is for: this is expected to go wrong. */
export const UNPROTECTED: Variant = {
  name: 'nodes lose their data, and are trusted all the same',
  forgets: true,
  crashes: true,
  options: { quarantine: false },
};

/** In ms, where the options name no other time: the least that quarantine lasts. */
const QUARANTINE_TIME = 5000;

/** How long a node does not count after a fault, in ms. Its data may be there: clients cannot know. */
export function distrustOf({ options }: Variant, kind: NodeFault['kind']): number {
  const isRestart = kind === 'kill' || kind === 'forget';
  if (!isRestart || options.quarantine === false) return 0;
  return options.quarantineTime ?? QUARANTINE_TIME;
}
