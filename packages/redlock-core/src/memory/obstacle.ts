import { isKept } from '../protocol/word.js';

/** The denial of one key: its position, its value, what is left of its expiry, and what a denial tells besides. */
export type Denial = unknown[];

/** Which denial of a grant tells where the process waits, as script/obstacle.lua has it. */
export function obstacleIn(denials: readonly Denial[]): Denial | undefined {
  const held = denials.find(
    ([, value, , , , tokens]) => !isKept(String(value), Array.isArray(tokens) ? tokens : []),
  );
  return held ?? denials[0];
}

/** Tells in a denial where the process stands in the queue since: its ticket, and how many stand before it. */
export function tellStanding(denial: Denial, standing: readonly number[]): void {
  for (const [index, value] of standing.entries()) denial[3 + index] = value;
}
