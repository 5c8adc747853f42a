import { gapBetween, middleOf, type Offset } from '../clock.js';
import type { NodeFacts, SetFacts, Terms } from '../facts.js';
import { type DoctorFinding, finding } from '../finding.js';
import { firstTimeout, givenTimeout, timeoutOf } from './quorum.js';

/** How far apart clocks may be for nodes to agree on a fencing token at once, in ms. */
const MAX_SKEW = 1000;
/** By how much the quarantine must exceed the clock skew, in ms (docs/safety.md). */
const MARGIN = 2000;

const SYNCHRONIZE = 'synchronize the clock: chronyc makestep, or timedatectl set-ntp true';

interface Clock {
  readonly name: string;
  readonly offset: Offset;
}

/**
 * Finds clocks that are more than a second apart. Fencing tokens still grow, but nodes then answer with different ones, and
 * after a node has lost its counters, a token may be lower than an earlier one.
 */
export function clocks({ nodes, terms }: SetFacts): readonly DoctorFinding[] {
  // From the slowest to the fastest.
  const known = nodes
    .flatMap(({ name, offsets }) => offsets.map((offset): Clock => ({ name, offset })))
    .toSorted((a, b) => middleOf(a.offset) - middleOf(b.offset));
  const middle = known[Math.floor((known.length - 1) / 2)];
  if (!middle || !terms.fencing) return [];
  const findings = farFrom(middle, known).map((clock) => nodeSkew(clock, middle, terms));
  const own: Clock = { name: 'this machine', offset: { low: 0, high: 0 } };
  if (gapBetween(own.offset, middle.offset) <= MAX_SKEW) return findings;
  const message =
    `the clock of this machine is ${distance(own, middle)} that of ${middle.name}, the median of the nodes: each ` +
    'lock of a program here takes a second round trip for its fencing token';
  return [...findings, finding('warning', 'CLIENT_CLOCK_SKEW', null, message, SYNCHRONIZE)];
}

function farFrom(middle: Clock, known: readonly Clock[]): readonly Clock[] {
  const far = known.filter(({ offset }) => gapBetween(offset, middle.offset) > MAX_SKEW);
  if (far.length > 0) return far;
  // The first and the last can be farther from each other than from the middle one.
  const [first, last] = [known[0], known.at(-1)];
  return first && last && gapBetween(first.offset, last.offset) > MAX_SKEW ? [last] : [];
}

function nodeSkew(clock: Clock, middle: Clock, { quarantineTime }: Terms): DoctorFinding {
  const isUnsafe = gapBetween(clock.offset, middle.offset) + MARGIN > quarantineTime;
  const message =
    `the clock is ${distance(clock, middle)} that of ${middle.name}: nodes do not agree on a fencing token at ` +
    'once, so a lock takes a second round trip' +
    (isUnsafe ? ', and after a node has lost its counters, a token may be lower than before' : '');
  const level = isUnsafe ? 'error' : 'warning';
  return finding(level, 'NODE_CLOCK_SKEW', clock.name, message, SYNCHRONIZE);
}

function distance(a: Clock, b: Clock): string {
  const seconds = (middleOf(a.offset) - middleOf(b.offset)) / 1000;
  return `${Math.abs(seconds).toFixed(1)} s ${seconds < 0 ? 'behind' : 'ahead of'}`;
}

/** Votes that are a little late miss a timeout of fewer round trips. */
const TIMEOUT_ROUND_TRIPS = 3;
/** A ttl of fewer round trips leaves no room for extensions (docs/safety.md). */
const TTL_ROUND_TRIPS = 10;

/** Finds nodes that are too far away for their timeout, and a ttl that is too short for a quorum's round trip. */
export function roundTrips({ nodes, terms }: SetFacts): readonly DoctorFinding[] {
  return [...nodes.flatMap((node) => slowNode(node, terms) ?? []), ...shortTtl(nodes, terms)];
}

function slowNode(node: NodeFacts, terms: Terms): DoctorFinding | null {
  const { name, roundTrip } = node;
  if (roundTrip === null) return null;
  const fix =
    `give the node a timeout of ${Math.ceil(TIMEOUT_ROUND_TRIPS * roundTrip)} ms: ioredisNode(client, { timeout }), ` +
    'or nodeTimeout for all nodes; or move it nearer';
  const [timeout, first] = [timeoutOf(node, terms), firstTimeout(node, terms)];
  const takes = `a round trip takes ${shown(roundTrip)} ms`;
  const limit = `${takes}, and the timeout is ${shown(timeout)} ms`;
  if (roundTrip >= timeout) {
    return finding('warning', 'TOO_SLOW', name, `no vote: ${limit}`, fix);
  }
  if (roundTrip * TIMEOUT_ROUND_TRIPS > timeout) {
    const message = `${limit}: votes that are a little late do not count`;
    return finding('warning', 'SLOW', name, message, fix);
  }
  if (givenTimeout(node, terms) !== undefined || roundTrip < first) return null;
  const message =
    `${takes}, and with a ttl of ${terms.ttl} ms the timeout is ${shown(first)} ms until a round trip is measured: ` +
    'the first vote in each process is late';
  return finding('warning', 'SLOW', name, message, fix);
}

function shortTtl(nodes: readonly NodeFacts[], { ttl }: Terms): readonly DoctorFinding[] {
  const known = nodes.flatMap(({ roundTrip }) => roundTrip ?? []).toSorted((a, b) => a - b);
  const nearest = known[Math.floor(nodes.length / 2)];
  if (nearest === undefined || nearest * TTL_ROUND_TRIPS <= ttl) return [];
  const message =
    `a quorum answers after ${shown(nearest)} ms and the ttl is ${ttl} ms: too short to extend a lock in time after ` +
    'a failed extension';
  const fix = `use a ttl of at least ${Math.ceil(2 * TTL_ROUND_TRIPS * nearest)} ms`;
  return [finding('warning', 'SHORT_TTL', null, message, fix)];
}

function shown(ms: number): string {
  return ms.toFixed(ms < 10 ? 1 : 0);
}
