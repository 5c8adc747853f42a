import type { Finding } from '../diagnosis.js';
import type { NodeFacts, SetFacts } from '../facts/node-facts.js';
import type { Terms } from '../terms.js';
import type { Check } from './check.js';
import { firstTimeout, givenTimeout, timeoutOf } from './node-timeout.js';

/** A timeout of fewer round trips than this is missed by votes that are a little late. */
const ROUND_TRIPS = 3;
/** A ttl of fewer round trips than this leaves no room for extensions (docs/safety.md). */
const LEAST_ROUND_TRIPS = 10;

/** Finds nodes that are too far away for their timeout, and a ttl that is too short for the way to a quorum. */
export const roundTrips: Check = (facts) => [
  ...facts.nodes.flatMap((node) => slowness(node, facts.terms) ?? []),
  ...shortTtl(facts),
];

function slowness(node: NodeFacts, terms: Terms): Finding | null {
  const { name, roundTrip } = node;
  if (roundTrip === null) return null;
  const takes = `a round trip takes ${shown(roundTrip)} ms`;
  const remedy =
    `give the node a timeout of ${Math.ceil(ROUND_TRIPS * roundTrip)} ms: ioredisNode(client, { timeout }), or ` +
    'nodeTimeout for all nodes; or move it nearer';
  const timeout = timeoutOf(node, terms);
  if (roundTrip >= timeout) {
    return {
      level: 'warning',
      code: 'TOO_SLOW',
      node: name,
      message: `${takes}, and its timeout is ${shown(timeout)} ms: its votes come too late`,
      remedy,
    };
  }
  if (roundTrip * ROUND_TRIPS > timeout) {
    return {
      level: 'warning',
      code: 'SLOW',
      node: name,
      message: `${takes}, and its timeout is ${shown(timeout)} ms: votes that are a little late do not count`,
      remedy,
    };
  }
  if (givenTimeout(node, terms) === undefined && roundTrip >= firstTimeout(node, terms)) {
    return {
      level: 'warning',
      code: 'SLOW',
      node: name,
      message:
        `${takes}, and with a ttl of ${terms.ttl} ms its timeout is ${shown(firstTimeout(node, terms))} ms until a ` +
        'round trip is known: its first vote in each process comes too late',
      remedy,
    };
  }
  return null;
}

function shortTtl({ nodes, terms: { ttl } }: SetFacts): Finding[] {
  const known = nodes.flatMap(({ roundTrip }) => roundTrip ?? []).toSorted((a, b) => a - b);
  const nearest = known[Math.floor(nodes.length / 2)];
  if (nearest === undefined || nearest * LEAST_ROUND_TRIPS <= ttl) return [];
  return [
    {
      level: 'warning',
      code: 'SHORT_TTL',
      node: null,
      message:
        `a quorum answers after ${shown(nearest)} ms, and the ttl is ${ttl} ms: that is too short to extend a lock ` +
        'in time when a try fails',
      remedy: `use a ttl of at least ${Math.ceil(2 * LEAST_ROUND_TRIPS * nearest)} ms`,
    },
  ];
}

function shown(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}
