import type { ClientName } from './names.js';

type PerClient = Record<ClientName, number>;

/** What has happened in a run so far, in numbers. */
export interface Facts {
  /** How often each client got the lock, was denied, was called by a node, and lost the lock. */
  readonly grants: PerClient;
  readonly denials: PerClient;
  readonly calls: PerClient;
  readonly losses: PerClient;
  readonly writes: PerClient;
  readonly refusedWrites: PerClient;
  /** How often a client has put a node in quarantine. */
  quarantines: number;
  /** Attempts that got votes of a free lock, but no quorum. */
  splitVotes: number;
  /** How many clients have held the lock at the same time, at most. */
  mostHolders: number;
  /** How often a second client got the lock while another one held it. */
  doubleHoldings: number;
}

function none(): PerClient {
  return { A: 0, B: 0, C: 0 };
}

export function noFacts(): Facts {
  return {
    grants: none(),
    denials: none(),
    calls: none(),
    losses: none(),
    writes: none(),
    refusedWrites: none(),
    quarantines: 0,
    splitVotes: 0,
    mostHolders: 0,
    doubleHoldings: 0,
  };
}
