/** Whoever is called has this many round trips to ask the nodes, within these limits in ms. */
const ROUND_TRIPS = 4;
const LEAST_RESERVATION = 10;
const MOST_RESERVATION = 1000;

/** Whoever waits for another process, which was called, does so for this many ms at least. */
const LEAST_STAND_BY = 250;

/**
 * For how many ms a key is reserved for this process when it is called.
 * @param roundTrip to the slowest node, in ms
 */
export function reservationOf(roundTrip: number): number {
  const ms = Math.max(ROUND_TRIPS * roundTrip, LEAST_RESERVATION);
  return Math.round(Math.min(ms, MOST_RESERVATION));
}

/**
 * For how many ms to leave the key to a process that was called.
 * @param reservation for how many ms the key is reserved for it
 */
export function standByTime(reservation: number): number {
  return Math.max(reservation, LEAST_STAND_BY);
}
