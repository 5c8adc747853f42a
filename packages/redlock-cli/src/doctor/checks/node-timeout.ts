import type { NodeFacts } from '../facts/node-facts.js';
import type { Terms } from '../terms.js';

/** Bounds of the timeout that the core takes unless it is told one, in ms. */
const LEAST = 50;
const MOST = 1000;
const ROUND_TRIPS = 3;

/** The timeout that somebody has set for the node, in ms. */
export function givenTimeout({ timeout }: NodeFacts, { nodeTimeout }: Terms): number | undefined {
  return timeout ?? nodeTimeout;
}

/** The timeout of the first command of a process, which has measured no round trip yet, in ms. */
export function firstTimeout(facts: NodeFacts, terms: Terms): number {
  return givenTimeout(facts, terms) ?? Math.min(Math.max(terms.ttl * 0.05, LEAST), MOST);
}

/** The timeout of later commands, in ms. */
export function timeoutOf(facts: NodeFacts, terms: Terms): number {
  const given = givenTimeout(facts, terms);
  if (given !== undefined) return given;
  const measured = ROUND_TRIPS * (facts.roundTrip ?? 0);
  return Math.min(Math.max(firstTimeout(facts, terms), measured), MOST);
}
