import type { Runtime } from '../time/runtime.js';

/**
 * How many attempts may follow a split vote. In simulations with up to 7 nodes and 20 contenders, one of them always got
 * the lock.
 */
export const SPLIT_RETRIES = 5;

/** The first pause after a split vote is up to this many round trips; each further one may be twice as long. */
const ROUND_TRIPS = 8;

/**
 * The random pause after contenders have split the votes of a free resource, in ms. The pauses put one of them first.
 * @param roundTrip as measured, in ms
 * @param retries how many attempts have followed a split vote already
 */
export function splitPause(
  roundTrip: number,
  retries: number,
  runtime: Pick<Runtime, 'random'>,
): number {
  return ROUND_TRIPS * roundTrip * 2 ** retries * runtime.random();
}
