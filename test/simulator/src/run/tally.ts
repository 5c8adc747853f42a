/** How often a run came by what it is to exercise. */
export class Tally {
  grants = 0;
  /** Grants that servers executed, by how they were sent. */
  nativeGrants = 0;
  scriptGrants = 0;
  extensions = 0;
  reentries = 0;
  releases = 0;
  losses = 0;
  adoptions = 0;
  refusals = 0;
  breakdowns = 0;
  aborts = 0;
  confirms = 0;
  heals = 0;
  contentions = 0;
  splits = 0;
  resends = 0;
  redirects = 0;
  errorSpells = 0;
  throws = 0;
  failedAdoptions = 0;
  underminings = 0;
  stalls = 0;
  standstills = 0;
  amnesias = 0;
  quarantines = 0;
  queueTries = 0;
  calls = 0;
  callsHeard = 0;
  callsUnheard = 0;
  standBys = 0;
  reservations = 0;
  reservationsTaken = 0;
  sharedHolders = 0;
  sharedReservations = 0;
  sharedHeals = 0;
  upgradesRefused = 0;
  leaderships = 0;
  observations = 0;
  permitGrants = 0;
  fullSemaphores = 0;
  /** Permits that were reserved for another process than the one that has taken them. */
  permitsSwapped = 0;
  leaves = 0;
  handOvers = 0;
  deafenings = 0;
  ambushes = 0;
  crashes = 0;
  kills = 0;
  suspensions = 0;
  jumps = 0;

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this));
  }

  add(counts: Readonly<Record<string, number>>): void {
    const more = Object.fromEntries(
      Object.entries(this.counts).map(([name, count]) => [name, count + (counts[name] ?? 0)]),
    );
    Object.assign(this, more);
  }
}
