/** How much longer the ttls of some processes are than those of others: each process has one of these factors. */
export type Spread = readonly [number, ...number[]];

export const EVEN: Spread = [1];
/** The shorter are over while an attempt with a longer one is still waiting for votes. */
export const WIDE: Spread = [1, 1, 20, 60];
export const LONG_BUT_FIRST: Spread = [40];
/** The longer are still valid when an attempt has stood still. */
export const FAR_LONGER_BUT_FIRST: Spread = [80];
