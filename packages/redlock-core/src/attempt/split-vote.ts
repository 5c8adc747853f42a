import { roundTripOf, type Response } from '../node/response.js';
import type { Runtime } from '../time/runtime.js';

/**
 * How many attempts may follow a split vote. In simulations with up to 7 nodes and 20 contenders, somebody always got
 * the lock.
 */
export const SPLIT_RETRIES = 5;

/** The first pause after a split vote is up to this many round trips; each further one may be twice as long. */
const ROUND_TRIPS = 8;

/**
 * The random pause, in ms, after contenders have split the votes of a free resource. The pauses make one of them first.
 * @param responses to the attempt
 * @param retries how many attempts have followed a split vote already
 */
export function splitPause(
  responses: readonly Response[],
  retries: number,
  runtime: Pick<Runtime, 'random'>,
): number {
  return ROUND_TRIPS * roundTripOf(responses) * 2 ** retries * runtime.random();
}

/** The longest that all pauses of {@link splitPause} can take together, in ms, if the first is after these responses. */
export function longestPauses(responses: readonly Response[]): number {
  return ROUND_TRIPS * roundTripOf(responses) * (2 ** SPLIT_RETRIES - 1);
}
