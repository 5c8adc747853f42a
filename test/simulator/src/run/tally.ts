/** How often runs came by what they are to exercise. */
export type Tally = ReturnType<typeof newTally>;

export function newTally() {
  return {
    grants: 0,
    smallGrants: 0,
    extensions: 0,
    reentries: 0,
    releases: 0,
    losses: 0,
    adoptions: 0,
    failedAdoptions: 0,
    restorations: 0,
    refusals: 0,
    breakdowns: 0,
    aborts: 0,
    writeBacks: 0,
    repairs: 0,
    contentions: 0,
    splits: 0,
    resends: 0,
    redirects: 0,
    errorSpells: 0,
    throws: 0,
    underminings: 0,
    stalls: 0,
    standstills: 0,
    amnesias: 0,
    quarantines: 0,
    /** Requests that are entered if they are denied. */
    queued: 0,
    notifications: 0,
    notificationsHeard: 0,
    notificationsUnheard: 0,
    turns: 0,
    /** Pairs of waiters with one ticket in a queue. */
    ties: 0,
    kept: 0,
    /** Times at which a key was free although a waiter wanted it, as far as nothing was disturbed. */
    vacancies: 0,
    leaves: 0,
    handOvers: 0,
    sharedHolders: 0,
    sharedRepairs: 0,
    evictions: 0,
    upgradesRefused: 0,
    leaderships: 0,
    observations: 0,
    permitGrants: 0,
    fullSemaphores: 0,
    /** Redlocks that were made over clients which had served another one. */
    siblings: 0,
    deafenings: 0,
    ambushes: 0,
    crashes: 0,
    kills: 0,
    suspensions: 0,
    jumps: 0,
  };
}

export function addCounts(tally: Tally, more: Tally): void {
  for (const name of Object.keys(tally) as (keyof Tally)[]) tally[name] += more[name];
}
