import type { Check } from '../check.js';
import type { Offset, SetFacts } from '../facts.js';
import { timeoutOf } from './access.js';

/** How far apart clocks may be for nodes to agree on a fencing token at once, in ms. */
const MAX_SKEW = 1000;
/** How much longer than the clock skew the quarantine must be, in ms (docs/safety.md). */
const MARGIN = 2000;

const SYNCHRONIZE = 'synchronize the clock: chronyc makestep, or timedatectl set-ntp true';

/** The least difference of two clocks, in ms. */
function gapBetween(a: Offset, b: Offset): number {
  return Math.max(0, a.low - b.high, b.low - a.high);
}

function areFar(a: Offset, b: Offset): boolean {
  return gapBetween(a, b) > MAX_SKEW;
}

function middleOf({ low, high }: Offset): number {
  return (low + high) / 2;
}

function distance(a: Offset, b: Offset): string {
  const seconds = (middleOf(a) - middleOf(b)) / 1000;
  return `${Math.abs(seconds).toFixed(1)} s ${seconds < 0 ? 'behind' : 'ahead of'}`;
}

interface Clocks {
  /** The name and the clock of the median of all servers. */
  readonly name: string;
  readonly median: Offset;
  /** Clocks that are too far from the median. */
  readonly far: readonly Offset[];
}

/** Compares the clocks of all servers; null: none is known, or none matters, because no lock has a fencing token. */
function clocksOf({ nodes, terms }: SetFacts): Clocks | null {
  // From the slowest to the fastest.
  const known = nodes
    .flatMap(({ name, offsets }) => offsets.map((offset) => ({ name, offset })))
    .toSorted((a, b) => middleOf(a.offset) - middleOf(b.offset));
  const middle = known[Math.floor((known.length - 1) / 2)];
  if (!middle || !terms.fencing) return null;
  const clocks = known.map(({ offset }) => offset);
  const far = clocks.filter((clock) => areFar(clock, middle.offset));
  // The first and the last can be farther from each other than from the median.
  const [first, last] = [clocks[0], clocks.at(-1)];
  if (far.length === 0 && first && last && areFar(first, last)) far.push(last);
  return { name: middle.name, median: middle.offset, far };
}

/** Votes that are a little late miss a timeout of fewer round trips. */
const TIMEOUT_ROUND_TRIPS = 3;
/** A ttl of fewer round trips leaves no room for extensions (docs/safety.md). */
const TTL_ROUND_TRIPS = 10;

function shown(ms: number): string {
  return ms.toFixed(ms < 10 ? 1 : 0);
}

const NEARER =
  `give the node a timeout of ${TIMEOUT_ROUND_TRIPS} round trips: ioredisNode(client, { timeout }), or nodeTimeout for ` +
  'all nodes; or move it nearer';

/**
 * Whether clocks agree, and nodes are near enough. With clocks more than a second apart, fencing tokens still grow, but
 * nodes answer with different ones, and after a node has lost its counters, a token may be lower than an earlier one.
 */
export const TIME = {
  NODE_CLOCK_SKEW: {
    level: 'warning',
    fix: SYNCHRONIZE,
    node({ offsets }, set) {
      const clocks = clocksOf(set);
      const clock = offsets.find((offset) => clocks?.far.includes(offset));
      if (!clocks || !clock) return null;
      const { name, median } = clocks;
      const message =
        `the clock is ${distance(clock, median)} that of ${name}: nodes do not agree on a fencing token at once, so ` +
        'a lock takes a second round trip';
      if (gapBetween(clock, median) + MARGIN <= set.terms.quarantineTime) return message;
      const worse = 'and after a node has lost its counters, a token may be lower than before';
      return { level: 'error', message: `${message}, ${worse}` };
    },
  },
  CLIENT_CLOCK_SKEW: {
    level: 'warning',
    fix: SYNCHRONIZE,
    set(set) {
      const clocks = clocksOf(set);
      const own: Offset = { low: 0, high: 0 };
      return (
        clocks &&
        areFar(own, clocks.median) &&
        `the clock of this machine is ${distance(own, clocks.median)} that of ${clocks.name}, the median of the ` +
          'nodes: each lock of a program here takes a second round trip for its fencing token'
      );
    },
  },
  TOO_SLOW: {
    level: 'warning',
    fix: NEARER,
    node(node, { terms }) {
      const { roundTrip } = node;
      const timeout = timeoutOf(node, terms);
      if (roundTrip === null || roundTrip < timeout) return null;
      return `no vote counts: a round trip takes ${shown(roundTrip)} ms, and the timeout is ${shown(timeout)} ms`;
    },
  },
  SLOW: {
    level: 'warning',
    fix: NEARER,
    node(node, { terms }) {
      const { roundTrip } = node;
      const timeout = timeoutOf(node, terms);
      if (roundTrip === null || roundTrip >= timeout) return null;
      const takes = `a round trip takes ${shown(roundTrip)} ms`;
      if (roundTrip * TIMEOUT_ROUND_TRIPS > timeout) {
        return `late votes do not count: ${takes}, and the timeout of ${shown(timeout)} ms is less than three`;
      }
      const first = timeoutOf({ ...node, roundTrip: null }, terms);
      return (
        roundTrip >= first &&
        `the first vote of each process is late: ${takes}, and with a ttl of ${terms.ttl} ms the timeout is ` +
          `${shown(first)} ms until a round trip is measured`
      );
    },
  },
  SHORT_TTL: {
    level: 'warning',
    fix: `use a ttl of at least ${2 * TTL_ROUND_TRIPS} round trips`,
    set({ nodes, terms: { ttl } }) {
      const known = nodes.flatMap(({ roundTrip }) => roundTrip ?? []).toSorted((a, b) => a - b);
      const nearest = known[Math.floor(nodes.length / 2)];
      return (
        nearest !== undefined &&
        nearest * TTL_ROUND_TRIPS > ttl &&
        `a quorum answers after ${shown(nearest)} ms and the ttl is ${ttl} ms: too short to extend a lock in time ` +
          'after a failed extension'
      );
    },
  },
} satisfies Readonly<Record<string, Check>>;
