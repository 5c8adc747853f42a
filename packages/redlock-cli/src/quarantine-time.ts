/** What the core takes at least, in ms. */
const LEAST = 5000;

/**
 * The quarantine time that covers what nodes are asked to keep, as the core takes it by default, in ms.
 * @param times for how long they are asked to keep it, in ms
 */
export function quarantineTimeOf(...times: readonly number[]): number {
  return Math.max(LEAST, ...times);
}
